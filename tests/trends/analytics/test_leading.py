"""Which platform leads, against a table of topics worked out by hand."""

from datetime import timedelta
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kapture.core.choices import Platform
from kapture.gateways.scraping import DatePrecision
from tests.trends.analytics.making import NOW, hours_ago, post
from trends.analytics.gathering import gather, least_reach
from trends.analytics.leading import Leads, chance, first_looks, leads, published
from trends.analytics.topics import Post, topics_of, vocabulary

YT, TT, RD, X = Platform.YOUTUBE, Platform.TIKTOK, Platform.REDDIT, Platform.X


def led(posts: list[Post], before: list[Post] | None = None) -> Leads:
    return leads(gather(posts, before or []), published, considered=len(posts), cut=False)


def table() -> list[Post]:
    """Hours ago of the first post: TikTok leads in four topics by 4, 14, 20 and 30 h, YouTube in one by 10 h.

    #even is 30 minutes apart, which is too near to tell.
    """
    given = {"one": (50, 46), "two": (50, 36), "three": (60, 40), "four": (90, 60), "five": (20, 30), "even": (9, 8.5)}
    return [
        made for tag, (tiktok, youtube) in given.items() for made in (post(TT, tiktok, tag), post(YT, youtube, tag))
    ]


def test_the_pair_is_that_of_the_table() -> None:
    found = led(table())
    (pair,) = found.pairs
    assert (pair.leader, pair.follower) == ("tiktok", "youtube")
    assert (pair.topics, pair.led, pair.followed, pair.together) == (6, 4, 1, 1)
    # The medians of 4, 14, 20, 30 and of 10; a coin is as uneven as 4 to 1 in (1 + 5) * 2 of 32 throws.
    assert (pair.hours, pair.hours_behind) == (17.0, 10.0)
    assert isclose(pair.chance, 12 / 32)
    assert (pair.is_enough, pair.is_sure) == (True, False)
    assert (found.shared, found.undated, found.older) == (6, 0, 0)


def test_the_topics_are_those_of_the_table() -> None:
    found = {topic.name: topic for topic in led(table()).topics}
    assert (found["two"].leader, found["five"].leader, found["even"].leader) == ("tiktok", "youtube", "")
    assert [(one.platform, one.hours) for one in found["two"].arrivals] == [("tiktok", 0.0), ("youtube", 14.0)]
    assert found["two"].posts == 2


def test_ten_topics_in_a_row_are_hardly_chance() -> None:
    (pair,) = led([made for n in range(10) for made in (post(X, 40, f"tag{n}"), post(RD, 20, f"tag{n}"))]).pairs
    assert (pair.leader, pair.led, pair.is_sure, pair.hours_behind) == ("x", 10, True, None)
    assert isclose(pair.chance, 2 / 1024)


def test_four_topics_are_not_enough() -> None:
    (pair,) = led([made for n in range(4) for made in (post(X, 40, f"tag{n}"), post(RD, 20, f"tag{n}"))]).pairs
    assert (pair.is_enough, pair.is_sure) == (False, False)


def test_a_platform_that_had_the_topic_before_is_left_out_of_it() -> None:
    posts = [post(TT, 50, "old"), post(YT, 40, "old"), post(X, 10, "old")]
    found = led(posts, [post(TT, 300, "old", precision="relative", reach=0)])
    assert [(one.platform, one.hours) for one in found.topics[0].arrivals] == [("youtube", 0.0), ("x", 30.0)]
    assert (found.older, len(found.pairs)) == (1, 1)
    assert led(posts[:2], [post(TT, 300, "old")]).topics == []


@pytest.mark.parametrize("precision", [DatePrecision.RELATIVE, DatePrecision.UNKNOWN])
def test_times_that_are_not_known_are_left_out_and_counted(precision: DatePrecision) -> None:
    posts = [post(TT, 50, "a1", precision=precision.value), post(TT, 20, "a1"), post(YT, 40, "a1")]
    found = led(posts)
    assert (found.undated, found.topics[0].leader, found.topics[0].arrivals[0].hours) == (1, "youtube", 0.0)
    assert led(posts[:1] + posts[2:]).topics == []


@pytest.mark.parametrize(("hours", "leader"), [(23.0, ""), (24.0, "tiktok")])
def test_a_time_that_is_known_to_the_day_tells_from_a_day_on(hours: float, leader: str) -> None:
    posts = [post(TT, 30 + hours, "a1", precision=DatePrecision.DAY.value), post(YT, 30, "a1")]
    assert led(posts).topics[0].leader == leader


def test_a_post_that_hardly_anybody_saw_shows_nothing() -> None:
    posts = [post(TT, 90, "a1", reach=1), post(TT, 20, "a1", reach=100), post(TT, 10, reach=500), post(YT, 40, "a1")]
    assert least_reach(posts) == {"tiktok": 100, "youtube": 100}
    assert led(posts).topics[0].leader == "youtube"


def test_the_least_reach_is_never_nothing() -> None:
    assert least_reach([post(RD, 1, reach=0), post(RD, 2, reach=0)]) == {"reddit": 1}
    assert led([post(RD, 2, "a1", reach=0), post(YT, 1, "a1")]).topics == []


def test_what_was_seen_first_counts_when_asked_so() -> None:
    posts = [post(TT, 90, "a1", precision="unknown"), post(YT, 95, "a1")]
    seen = {posts[0].pk: hours_ago(30), posts[1].pk: hours_ago(28)}
    found = leads(gather(posts, []), first_looks(seen), considered=2, cut=True)
    assert (found.topics[0].leader, found.topics[0].arrivals[1].hours, found.cut) == ("tiktok", 2.0, True)
    assert leads(gather(posts, []), first_looks({}), considered=2, cut=False).undated == 2


def test_a_post_without_hashtags_is_about_the_words_it_says() -> None:
    known = vocabulary(
        [post(YT, 1, "desksetup", "desk", "tv"), post(TT, 1, "desksetup", "desk", "tv"), post(X, 1, "once")]
    )
    assert known == {"desksetup", "desk", "tv"}
    said = post(RD, 1, words="My DESK setup, on TV once")
    assert topics_of(said, known) == {"desk", "desksetup"}
    assert topics_of(post(RD, 1, "tv", words="desk setup"), known) == {"tv"}


@given(st.integers(0, 60), st.integers(0, 60))
def test_chance_is_a_probability_and_the_same_from_both_sides(first: int, second: int) -> None:
    assert 0 < chance(first, second) <= 1
    assert chance(first, second) == chance(second, first)
    if first > second:
        assert chance(first + 1, second) <= chance(first, second)


PLACED = st.lists(
    st.tuples(st.sampled_from([YT, TT, RD, X]), st.integers(1, 160), st.sampled_from(["a1", "b2", "c3"])),
    min_size=2,
    max_size=30,
)


@given(PLACED)
def test_whatever_there_is_adds_up(placed: list[tuple[Platform, int, str]]) -> None:
    posts = [post(platform, hours, tag) for platform, hours, tag in placed]
    found = led(posts)
    for pair in found.pairs:
        assert pair.led >= pair.followed >= 0
        assert pair.together >= 0
        assert (pair.hours is None) == (pair.led == 0)
    for topic in found.topics:
        hours = [arrival.hours for arrival in topic.arrivals]
        assert hours == sorted(hours)
        assert hours[0] == 0
        assert topic.leader in ("", topic.arrivals[0].platform)
    shifted = [made._replace(at=made.at - timedelta(days=3)) for made in posts]
    assert led(shifted).pairs == found.pairs
    assert NOW - timedelta(hours=161) < min(made.at for made in posts)
