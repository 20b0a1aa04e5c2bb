"""The arithmetic of a rating is what its page says."""

from datetime import UTC, datetime, timedelta

import pytest

from trends.scoring import Baseline, Counters, Usual, comparable, engagement, rate, usual

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY_AGO = NOW - timedelta(days=1)


def test_an_author_with_three_posts_is_compared_with_the_own_median() -> None:
    assert usual([100, 9_000, 300], [1] * 200) == Usual(Baseline.AUTHOR, 300.0, 3)


def test_posts_of_the_same_age_come_before_posts_of_any_age() -> None:
    assert usual([100, 9_000, 300], [1] * 200, at_age=[100, 50, 40]) == Usual(Baseline.AGE, 50.0, 3)
    assert usual([100, 9_000, 300], [1] * 200, at_age=[100, 50]) == Usual(Baseline.AUTHOR, 300.0, 3)


@pytest.mark.parametrize(
    ("age", "looks", "reach"),
    [
        (24.0, [(24.0, 7)], 7),
        (24.0, [(12.0, 7)], 7),
        (24.0, [(48.0, 7)], 7),
        (24.0, [(11.9, 7), (48.1, 8)], None),
        # The nearest by ratio: 20 h is nearer to 24 h than 30 h is.
        (24.0, [(20.0, 5), (30.0, 9)], 5),
        (24.0, [(13.0, 5), (30.0, 9)], 9),
        # From 30 days on all ages are alike, below they are not.
        (24.0 * 30, [(24.0 * 900, 6)], 6),
        (24.0 * 29, [(24.0 * 900, 6)], None),
        (24.0 * 900, [(24.0 * 29, 6)], None),
        (1.0, [(1.0, 3)], 3),
        (24.0, [], None),
    ],
)
def test_a_look_is_comparable_between_half_and_twice_the_age(
    age: float, looks: list[tuple[float, int]], reach: int | None
) -> None:
    assert comparable(age, looks) == reach


def test_an_author_with_fewer_posts_is_compared_with_the_platform_and_says_so() -> None:
    assert usual([9_000, 300], [10, 20, 30, 40]) == Usual(Baseline.PLATFORM, 25.0, 4)


def test_without_enough_posts_there_is_nothing_to_compare_with() -> None:
    rating = rate(Counters(views=5_000), usual([5_000], [5_000]), published_at=DAY_AGO, now=NOW)
    assert (rating.usual.baseline, rating.multiple, rating.score) == (Baseline.NONE, None, 0.0)


def test_the_score_can_be_done_by_hand() -> None:
    rating = rate(Counters(views=9_000), Usual(Baseline.AGE, 1_000.0, 9), published_at=DAY_AGO, now=NOW)
    assert rating.multiple == 9.0
    assert rating.confidence == 9 / 12
    assert rating.freshness == 0.968
    assert rating.score == round(9 * 0.75 * 0.968, 3)
    assert rating.velocity == 9_000 / 24


@pytest.mark.parametrize(("baseline", "weight"), [(Baseline.AGE, 1), (Baseline.AUTHOR, 0.75), (Baseline.PLATFORM, 0.5)])
def test_a_median_is_trusted_by_what_it_is_of(baseline: Baseline, weight: float) -> None:
    rating = rate(Counters(views=9_000), Usual(baseline, 1_000.0, 9), published_at=None, now=NOW)
    assert rating.confidence == round(9 / 12 * weight, 3)


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
