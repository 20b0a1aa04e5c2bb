"""Periods, and figures of groups, against a table worked out by hand."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kapture.gateways.scraping import DateRange
from tests.trends.analytics.making import NOW, WEEK, fact, hours_ago, sample
from trends.analytics.figures import Figures, changed, relative, row
from trends.analytics.periods import Period


def test_a_period_ends_at_the_last_five_minutes_and_follows_an_equally_long_one() -> None:
    period = Period.ending(DateRange.WEEK, NOW + timedelta(minutes=4, seconds=59))
    assert (period.until, period.since, period.before) == (NOW, NOW - timedelta(days=7), NOW - timedelta(days=14))
    assert Period.ending(DateRange.WEEK, NOW + timedelta(minutes=5)).until == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(("length", "parts", "hours"), [("1d", 24, 1), ("7d", 7, 24), ("30d", 30, 24)])
def test_a_plot_has_hours_or_days(length: str, parts: int, hours: int) -> None:
    period = Period(DateRange(length), NOW)
    assert (period.parts, period.step) == (parts, timedelta(hours=hours))
    assert (len(period.ends), period.ends[-1]) == (parts, NOW)
    assert period.part(period.since) == 0
    assert period.part(NOW - timedelta(seconds=1)) == parts - 1


@given(st.timedeltas(timedelta(days=-90), timedelta(days=90)))
def test_every_moment_lies_in_a_part(apart: timedelta) -> None:
    moment = NOW + apart
    part = WEEK.part(moment)
    assert 0 <= part < WEEK.parts
    if WEEK.since <= moment < NOW:
        assert WEEK.ends[part] - WEEK.step <= moment < WEEK.ends[part]


def test_figures_are_those_of_the_table() -> None:
    # reach    10   20   60   together 90
    # multiple 0.5  -    2.0  median 1.25
    # rate     0.1  0.3  0.2  median 0.2
    # score    1    7    7    best: the third, which reached more
    facts = [
        fact(reach=10, multiple=0.5, engagement=0.1, score=1),
        fact(reach=20, multiple=None, engagement=0.3, score=7),
        fact(reach=60, multiple=2.0, engagement=0.2, score=7),
    ]
    assert Figures.of(facts) == Figures(3, 90, 1.25, 0.2, facts[2].pk)
    assert Figures.of([]) == Figures(0, 0, None, None, None)


def test_of_equal_posts_the_same_one_is_best_in_any_order() -> None:
    one, other = fact(), fact()
    assert Figures.of([one, other]).best == Figures.of([other, one]).best == max(one.pk, other.pk)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(15, 10, 0.5), (5, 10, -0.5), (0, 4, -1.0), (3, 0, None), (None, 3, None)],
)
def test_a_change_is_told_where_there_is_one(now: float | None, before: float | None, expected: float | None) -> None:
    assert relative(now, before) == expected


def test_counts_are_not_compared_when_not_all_were_read() -> None:
    now, before = Figures(10, 100, 2.0, 0.2, UUID(int=1)), Figures(5, 200, 1.0, 0.4, UUID(int=2))
    whole, part = changed(now, before, counts=True), changed(now, before, counts=False)
    assert (whole.trends, whole.reach, whole.multiple, whole.engagement) == (1.0, -0.5, 1.0, -0.5)
    assert (part.trends, part.reach, part.multiple, part.engagement) == (None, None, 1.0, -0.5)


def test_a_row_lays_posts_and_reach_along_time() -> None:
    facts = [fact(at=hours_ago(1), reach=5), fact(at=hours_ago(23), reach=7), fact(at=hours_ago(25), reach=2)]
    found = row(WEEK, sample(facts, facts[:1]), facts, facts[:1], key="k", name="n", platform="x")
    assert (found.posts, found.reach) == ([0, 0, 0, 0, 0, 1, 2], [0, 0, 0, 0, 0, 2, 12])
    assert found.change.trends == 2.0
    assert row(WEEK, sample(facts, cut=True), facts, facts, key="", name="", platform="").change.trends is None
