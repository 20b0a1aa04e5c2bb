"""The arithmetic of a rating is what its page says."""

from datetime import UTC, datetime, timedelta

import pytest

from trends.scoring import Baseline, Counters, Usual, engagement, rate, usual

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY_AGO = NOW - timedelta(days=1)


def test_an_author_with_three_posts_is_compared_with_the_own_median() -> None:
    assert usual([100, 9_000, 300], [1] * 200) == Usual(Baseline.AUTHOR, 300.0, 3)


def test_an_author_with_fewer_posts_is_compared_with_the_platform_and_says_so() -> None:
    assert usual([9_000, 300], [10, 20, 30, 40]) == Usual(Baseline.PLATFORM, 25.0, 4)


def test_without_enough_posts_there_is_nothing_to_compare_with() -> None:
    rating = rate(Counters(views=5_000), usual([5_000], [5_000]), published_at=DAY_AGO, now=NOW)
    assert (rating.usual.baseline, rating.multiple, rating.score) == (Baseline.NONE, None, 0.0)


def test_the_score_can_be_done_by_hand() -> None:
    rating = rate(Counters(views=9_000), Usual(Baseline.AUTHOR, 1_000.0, 9), published_at=DAY_AGO, now=NOW)
    assert rating.multiple == 9.0
    assert rating.confidence == 9 / 12
    assert rating.freshness == 0.968
    assert rating.score == round(9 * 0.75 * 0.968, 3)
    assert rating.velocity == 9_000 / 24


def test_a_platform_median_counts_half_as_much_as_an_own_one() -> None:
    own = rate(Counters(views=9_000), Usual(Baseline.AUTHOR, 1_000.0, 9), published_at=None, now=NOW)
    other = rate(Counters(views=9_000), Usual(Baseline.PLATFORM, 1_000.0, 9), published_at=None, now=NOW)
    assert other.confidence == own.confidence / 2


def test_an_unknown_age_counts_half_and_has_no_velocity() -> None:
    rating = rate(Counters(views=9_000), Usual(Baseline.AUTHOR, 1_000.0, 9), published_at=None, now=NOW)
    assert (rating.freshness, rating.velocity) == (0.5, 0.0)


@pytest.mark.parametrize(
    ("counters", "reach"),
    [
        (Counters(views=7, likes=900), 7),
        (Counters(likes=900), 900),
        (Counters(likes=-12), 0),
        (Counters(), 0),
        (Counters(views=0, likes=5), 0),
    ],
)
def test_reach_is_views_or_else_likes_and_never_negative(counters: Counters, reach: int) -> None:
    assert counters.reach == reach


def test_a_median_of_nothing_does_not_divide_by_zero() -> None:
    rating = rate(Counters(views=7), usual([0, 0, 7], []), published_at=NOW + timedelta(days=1), now=NOW)
    assert (rating.multiple, rating.velocity) == (7.0, 7.0)


def test_engagement_counts_what_is_known() -> None:
    assert engagement(Counters(views=100, likes=5, comments=1)) == 0.06
    assert engagement(Counters(views=0, likes=5)) is None
    assert engagement(Counters(likes=5)) is None
    assert engagement(Counters(views=100)) is None


def test_the_biggest_counters_stay_numbers() -> None:
    rating = rate(Counters(views=2**63 - 1), Usual(Baseline.AUTHOR, 0.0, 50), published_at=NOW, now=NOW)
    assert rating.score > 0
