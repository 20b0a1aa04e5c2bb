"""The overview in words and figures, as its template shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import reverse

from kapture.overview.reads import CHART_DAYS, Now, Overview, Pace
from kapture.web.charts import LineChart, Series
from kapture.web.formats import ago, grouped
from trends.models import Trend


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the four figures; `trend` is up, down or flat."""

    label: str
    value: str
    icon: str
    href: str
    spark: Sequence[int]
    delta: str
    trend: str
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """One of the three first things to do; `next` is the one to do now."""

    title: str
    text: str
    done: bool
    url: str
    action: str
    icon: str
    next: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What the template needs; `steps` is empty once all of them are done, `chart` None while there is nothing."""

    name: str
    greeting: str
    news: str
    steps: list[Step]
    figures: list[Figure]
    chart: LineChart | None
    rising: list[Trend]
    now: Now


def page(user: Any, found: Overview, now: datetime) -> Page:
    """The page of what was found."""
    steps = _steps(found)
    return Page(
        name=user.name.partition(" ")[0],
        greeting=greeting(now),
        news=news(found, now),
        steps=[] if all(step.done for step in steps) else steps,
        figures=_figures(found) if found.trends.all or found.downloads or found.ideas.total else [],
        chart=_chart(found, now),
        rising=found.rising,
        now=found.now,
    )


def greeting(now: datetime) -> str:
    """Good morning from 5, afternoon from 12, evening from 18 o'clock UTC; the browser corrects it to its own clock."""
    hour = now.astimezone(UTC).hour
    return "Good morning" if 5 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"


def news(found: Overview, now: datetime) -> str:
    """What happened, in a sentence or two."""
    broke = sum(found.breakouts.days[-2:])
    if not found.trends.all:
        return "Three steps from here to your first idea."
    if broke:
        first = f"{_trends(broke)} broke out since yesterday."
    elif found.captured.this_week:
        first = f"{_trends(found.captured.this_week)} captured this week."
    else:
        first = f"The last scrape was {ago(found.trends.last_look_at, now)}."
    if failed := len(found.now.failures):
        return f"{first} {'One job needs' if failed == 1 else f'{failed} jobs need'} your attention."
    best = max((trend.multiple or 0.0 for trend in found.rising), default=0.0)
    return f"{first} The strongest stands at {best:.1f} times its usual." if best >= 1 else first


def _trends(number: int) -> str:
    return "One trend" if number == 1 else f"{number:,} trends"


def change(pace: Pace, *, percent: bool) -> tuple[str, str, str]:
    """(delta, direction, note) of this week against the one before."""
    this, last = pace.this_week, pace.last_week
    direction = "up" if this > last else "down" if this < last else "flat"
    if not this and not last:
        return "", "flat", "none in two weeks" if pace.total else "none yet"
    if not last:
        return f"+{this:,}", "up", "this week"
    if not percent:
        return f"{this - last:+,}", direction, "vs last week"
    if this >= 10 * last:
        return f"{this / last:,.0f}×", "up", "last week"
    return f"{round(100 * (this - last) / last):+d}%", direction, "vs last week"


def _figures(found: Overview) -> list[Figure]:
    trends, saved = reverse("trends:list"), reverse("downloads:list")
    return [
        _figure("Trends captured", found.captured, "trending-up", trends),
        _figure("Breakouts this week", found.breakouts, "flame", f"{trends}?sort=-score", percent=False),
        _figure("Media saved", found.media, "hard-drive-download", f"{saved}?tab=completed"),
        _figure("Ideas drafted", found.ideas, "lightbulb", reverse("ideaboards:list")),
    ]


def _figure(label: str, pace: Pace, icon: str, href: str, *, percent: bool = True) -> Figure:
    value = grouped(pace.total) if pace.exact else f"{grouped(pace.total)}+"
    return Figure(label, value, icon, href, pace.days if any(pace.days) else (), *change(pace, percent=percent))


def _chart(found: Overview, now: datetime) -> LineChart | None:
    if not found.reach.by_platform:
        return None
    today = now.astimezone(UTC).date()
    days = [today - timedelta(days=CHART_DAYS - 1 - index) for index in range(CHART_DAYS)]
    lines = sorted(found.reach.by_platform.items(), key=lambda line: -sum(line[1]))
    series = [Series(str(platform.label), values, platform.value) for platform, values in lines]
    labels = [f"{day.day} {day:%b}" for day in days]
    return LineChart("Captured reach by platform", labels, series, "reach", running=True)


STEPS = (
    (
        "Scrape",
        "Give a few keywords and see which posts beat their author's usual.",
        "trends:scrape",
        "New scrape",
        "radar",
    ),
    (
        "Download",
        "Keep the video, sound or picture you want to study.",
        "downloads:list",
        "Download a link",
        "download",
    ),
    (
        "Draft",
        "Turn trends into a board of hooks, titles and a script.",
        "ideaboards:draft",
        "Draft a board",
        "lightbulb",
    ),
)


def _steps(found: Overview) -> list[Step]:
    done = (bool(found.trends.all), bool(found.downloads), bool(found.now.boards))
    coming = done.index(False) if False in done else None
    return [
        Step(title, text, done[index], reverse(route), action, icon, index == coming)
        for index, (title, text, route, action, icon) in enumerate(STEPS)
    ]
