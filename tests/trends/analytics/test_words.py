"""Figures of analytics in words, and the geometry of lanes."""

import pytest

from kapture.core.choices import Platform
from tests.trends.analytics.making import WEEK, post
from trends.analytics import plots, wording
from trends.analytics.gathering import gather
from trends.analytics.leading import Pair, leads, published


def pair(led: int, followed: int, *, chance: float = 0.5, topics: int = 0) -> Pair:
    return Pair("tiktok", "youtube", topics or led + followed, led, followed, 14.2, None, chance)


@pytest.mark.parametrize(
    ("fraction", "words"), [(None, "–"), (0, "0%"), (0.0031, "0.31%"), (0.042, "4.2%"), (0.127, "13%"), (1.0, "100%")]
)
def test_a_share(fraction: float | None, words: str) -> None:
    assert wording.share(fraction) == words


@pytest.mark.parametrize(
    ("ratio", "words"), [(None, "–"), (0.424, "0.42×"), (1.0, "1.0×"), (9.44, "9.4×"), (12.3, "12.3×"), (1234, "1.2K×")]
)
def test_a_ratio(ratio: float | None, words: str) -> None:
    assert wording.times(ratio) == words


@pytest.mark.parametrize(
    ("change", "words", "way"),
    [(None, "", "flat"), (0, "+0%", "flat"), (0.184, "+18%", "up"), (-0.4, "-40%", "down"), (21.2, "22×", "up")],
)
def test_a_change(change: float | None, words: str, way: str) -> None:
    assert (wording.delta(change), wording.direction(change)) == (words, way)


@pytest.mark.parametrize(
    ("hours", "words"), [(None, "–"), (0.5, "30 min"), (14.2, "14 h"), (47.9, "48 h"), (48, "2 days"), (60, "2.5 days")]
)
def test_a_span(hours: float | None, words: str) -> None:
    assert wording.span(hours) == words


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (pair(9, 1, topics=12), "TikTok before YouTube in 9 of 12 topics, by a median of 14 h."),
        (pair(1, 0), "TikTok before YouTube in 1 of 1 topic, by a median of 14 h."),
        (pair(3, 3), "TikTok and YouTube: neither was first more often in 6 topics."),
        (pair(0, 0, topics=2), "TikTok and YouTube: neither was first more often in 2 topics."),
    ],
)
def test_what_a_pair_says(found: Pair, verdict: str) -> None:
    assert wording.verdict(found) == verdict


@pytest.mark.parametrize(
    ("found", "doubt"),
    [
        (pair(9, 1, chance=0.02), ""),
        (pair(4, 2, chance=0.69), "May be chance: a coin differs as much 69 times in 100."),
        (pair(3, 2, chance=1), "No more than a coin toss."),
        (pair(1, 0, chance=1), "Too little yet: 1 of the 5 topics that it takes."),
        (pair(3, 3, chance=1), ""),
    ],
)
def test_how_far_a_pair_can_be_trusted(found: Pair, doubt: str) -> None:
    assert wording.doubt(found) == doubt


def test_lanes_share_the_scale_of_the_slowest() -> None:
    posts = [
        post(platform, hours, tag)
        for tag, platform, hours in (
            ("a1", Platform.X, 100), ("a1", Platform.TIKTOK, 60), ("b2", Platform.X, 30), ("b2", Platform.YOUTUBE, 20),
        )
    ]  # fmt: skip
    found = leads(gather(posts, []), published, considered=4, cut=False)
    slow, quick = plots.lanes(found.topics)
    assert ([dot.x for dot in slow.dots], slow.begin, slow.end) == (["3.00", "97.00"], "3.00", "97.00")
    assert [(dot.hue, dot.x) for dot in quick.dots] == [("x", "3.00"), ("youtube", "26.50")]
    assert plots.lanes([]) == []


def test_a_plot_of_nothing_is_none() -> None:
    assert plots.rising_hashtags(WEEK, []) is None
