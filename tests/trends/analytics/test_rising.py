"""Rising hashtags and authors, against a table worked out by hand."""

from math import exp, isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trends.analytics.making import WEEK, fact, sample
from trends.analytics.figures import Fact, Groups, Sample
from trends.analytics.rising import (
    AUTHOR_SORTS,
    HASHTAG_SORTS,
    Author,
    Hashtag,
    author_of,
    authors,
    called,
    hashtags,
    ranked,
)
from trends.analytics.shares import rise

COUNTS = st.tuples(st.integers(20, 5_000), st.integers(0, 5_000)).map(lambda pair: (min(pair), max(pair)))


def tags_of(found: Sample) -> list[Hashtag]:
    return hashtags(WEEK, found, Groups.of(found, lambda fact: set(fact.hashtags)))


def people_of(found: Sample) -> list[Author]:
    return authors(WEEK, found, Groups.of(found, author_of))


def posts(count: int, *tags: str, by: int = 2, reach: int = 100) -> list[Fact]:
    """So many posts with hashtags, by so many authors in turn."""
    return [fact(hashtags=tags, author_key=f"a{number % by}", reach=reach) for number in range(count)]


def test_the_rise_is_that_of_the_table() -> None:
    # now 12 of 40 posts, before 5 of 50: (12.5/41) / (5.5/51) = 2.827…
    found = rise(12, 40, 5, 50)
    assert found is not None
    assert isclose(found.times, (12.5 / 41) / (5.5 / 51))
    spread = sqrt(1 / 12.5 - 1 / 41 + 1 / 5.5 - 1 / 51)
    assert isclose(found.at_least, found.times * exp(-1.2816 * spread))
    assert (round(found.times, 3), round(found.at_least, 3), found.is_sure) == (2.827, 1.554, True)


def test_nothing_rises_over_too_little() -> None:
    assert rise(12, 40, 5, 19) is None
    assert rise(12, 40, 0, 20) is not None


@given(COUNTS, COUNTS)
def test_the_lower_bound_is_below_and_both_are_positive(now: tuple[int, int], before: tuple[int, int]) -> None:
    found = rise(now[0], max(now[1], 20), before[0], max(before[1], 20))
    assert found is not None
    assert 0 < found.at_least <= found.times


@given(st.integers(0, 99), st.integers(20, 500), st.integers(0, 20))
def test_more_posts_rise_more(count: int, total_before: int, before: int) -> None:
    one, more = rise(count, 100, before, total_before), rise(count + 1, 100, before, total_before)
    assert one is not None
    assert more is not None
    assert more.times > one.times
    assert more.at_least > one.at_least


def test_a_share_that_stays_does_not_rise_for_sure() -> None:
    found = rise(10, 100, 10, 100)
    assert found is not None
    assert (found.times, found.is_sure) == (1.0, False)


def test_hashtags_need_three_posts_by_two_authors() -> None:
    facts = [*posts(3, "kept"), *posts(2, "few"), *posts(5, "alone", by=1), *posts(20, by=5)]
    assert [tag.row.name for tag in tags_of(sample(facts))] == ["kept"]


def test_a_hashtag_has_its_shares_and_the_rise_of_its_reach() -> None:
    # now: 30 posts, 6 of them #kite with 300 each of a reach of 1,800 + 2,400; before: 25 posts, 5 #kite, all of 100.
    facts = [*posts(6, "kite", reach=300), *posts(24, reach=100)]
    before = [*posts(5, "kite"), *posts(20)]
    (tag,) = tags_of(sample(facts, before))
    assert (tag.share, tag.share_before, tag.authors) == (0.2, 0.2, 2)
    mean = 4_200 / 30
    expected = ((1_800 + mean / 2) / (4_200 + mean)) / ((500 + 50) / (2_500 + 100))
    assert tag.reach_rise is not None
    assert isclose(tag.reach_rise, expected)


@pytest.mark.parametrize(
    ("facts", "before"),
    [(posts(3, "kite"), posts(19)), (posts(3, "kite", reach=0), posts(20)), (posts(3, "kite"), posts(20, reach=0))],
)
def test_reach_does_not_rise_where_there_is_none(facts: list[Fact], before: list[Fact]) -> None:
    (tag,) = tags_of(sample(facts, before))
    assert tag.reach_rise is None


def test_a_hashtag_counts_a_post_once() -> None:
    (tag,) = tags_of(sample([fact(hashtags=("a1", "a1"), author_key=f"{n}") for n in range(3)]))
    assert tag.row.figures.trends == 3


def test_every_order_puts_the_largest_first_and_equal_ones_by_name() -> None:
    facts = [*posts(9, "many", reach=1), *posts(4, "wide", reach=1_000), *posts(3, "beta"), *posts(3, "alpha")]
    before = [*posts(20), *posts(5, "many")]
    found = tags_of(sample(facts, before))

    def names(sort: str) -> list[str]:
        return [tag.row.name for tag in ranked(found, HASHTAG_SORTS[sort])]

    assert names("-trends") == ["many", "wide", "alpha", "beta"]
    assert names("-reach") == ["wide", "alpha", "beta", "many"]
    assert names("-rise") == ["wide", "alpha", "beta", "many"]
    assert names("-reachRise")[0] == "wide"


def test_the_first_fifty_of_each_order_are_kept() -> None:
    facts = [item for n in range(120) for item in posts(3, f"t{n:03}", reach=n)]
    found: list[Hashtag] = tags_of(sample(facts))
    by_reach = ranked(found, HASHTAG_SORTS["-reach"])[:50]
    assert [tag.row.name for tag in by_reach] == [f"t{n:03}" for n in range(119, 69, -1)]
    by_posts = ranked(found, HASHTAG_SORTS["-trends"])[:50]
    assert {tag.row.figures.trends for tag in by_posts} == {3}


def test_authors_are_told_apart_by_platform_and_rated_from_three_posts_on() -> None:
    facts = [
        *(fact(multiple=multiple, reach=10) for multiple in (1.0, 2.0, 9.0)),
        fact(platform="x", author_handle="lampe", reach=1_000, multiple=50.0),
        fact(author_key="", reach=7),
    ]
    found = people_of(sample(facts, facts[:1]))
    assert [(one.row.platform, one.row.name, one.multiple) for one in found] == [
        ("youtube", "Lampe", 2.0),
        ("x", "@lampe", None),
    ]
    assert found[0].row.change.trends == 2.0
    by_reach = ranked(found, AUTHOR_SORTS["-reach"])
    by_multiple = ranked(found, AUTHOR_SORTS["-multiple"])
    assert ([one.row.platform for one in by_reach], by_multiple[0].row.platform) == (["x", "youtube"], "youtube")


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"platform": "tiktok"}, "@lampe"),
        ({"platform": "youtube"}, "Lampe"),
        ({"author_name": ""}, "lampe"),
        ({"author_name": "", "author_handle": "", "author_key": "uc9"}, "uc9"),
    ],
)
def test_an_author_is_called_as_on_the_platform(told: dict[str, str], name: str) -> None:
    assert called(fact(**told)) == name
