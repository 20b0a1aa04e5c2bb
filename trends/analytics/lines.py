"""Lines of the page's tables in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kapture.core.choices import Platform
from kapture.web.formats import MISSING, compact, grouped
from trends.analytics import wording
from trends.analytics.choices import Asked
from trends.analytics.figures import Row
from trends.analytics.leading import Leads, Topic
from trends.analytics.plots import Lane, lanes, moment
from trends.analytics.reports import Summary
from trends.analytics.rising import Hashtag


@dataclass(frozen=True, slots=True)
class Stat:
    """One of the four figures at the top."""

    label: str
    value: str
    icon: str
    delta: str
    trend: str
    note: str
    spark: Sequence[int]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: a group of posts in words, where its posts are, and its best one."""

    row: Row
    name: str
    href: str
    posts: str
    reach: str
    multiple: str
    engagement: str
    delta: str
    trend: str
    best: UUID | None
    best_title: str
    more: Any = None

    @classmethod
    def of(cls, row: Row, name: str, href: str, titles: Mapping[UUID, str], more: Any = None) -> "Line":
        """A row with its words; `more` is what one table says that others do not."""
        figures = row.figures
        title = titles.get(figures.best, "") if figures.best else ""
        return cls(
            row=row,
            name=name,
            href=href,
            posts=grouped(figures.trends),
            reach=compact(figures.reach),
            multiple=wording.times(figures.multiple),
            engagement=wording.share(figures.engagement),
            delta=wording.delta(row.change.trends),
            trend=wording.direction(row.change.trends),
            best=figures.best if title else None,
            best_title=title,
            more=more,
        )


@dataclass(frozen=True, slots=True)
class Rising:
    """What the table of hashtags says besides the figures."""

    rise: str
    at_least: str
    is_sure: bool
    share: str
    share_before: str
    authors: str

    @classmethod
    def of(cls, tag: Hashtag) -> "Rising":
        """The words of a hashtag."""
        return cls(
            rise=wording.times(tag.rise.times if tag.rise else None),
            at_least=wording.times(tag.rise.at_least if tag.rise else None),
            is_sure=bool(tag.rise and tag.rise.is_sure),
            share=wording.share(tag.share),
            share_before=wording.share(tag.share_before),
            authors=grouped(tag.authors),
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """What a platform was before another: "9 of 12", "14 h", and whether that is hardly chance."""

    count: str = ""
    hours: str = ""
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic with its lane; `steps` are (platform, name, words) in the order of time."""

    name: str
    href: str
    posts: str
    steps: Sequence[tuple[str, str, str]]
    lane: Lane


def stats(summary: Summary, word: str) -> list[Stat]:
    """The four figures of the period, which is called by a word (day, week)."""
    row = summary.all
    figures, change = row.figures, row.change
    more = "+" if summary.cut else ""
    return [
        _stat("Posts", grouped(figures.trends) + more, "trending-up", change.trends, word, row.posts),
        _stat("Reach", compact(figures.reach) + more, "eye", change.reach, word, row.reach),
        _stat("Median multiple", wording.times(figures.multiple), "flame", change.multiple, word),
        _stat("Median engagement", wording.share(figures.engagement), "heart", change.engagement, word),
    ]


def _stat(label: str, value: str, icon: str, change: float | None, word: str, spark: Sequence[int] = ()) -> Stat:
    note = f"vs {word} before" if change is not None else "Nothing to compare with"
    return Stat(label, value, icon, wording.delta(change), wording.direction(change), note, spark if any(spark) else ())


def matrix(leads: Leads) -> list[tuple[Platform, list[Cell | None]]]:
    """For each platform what it was before each platform; None on the diagonal."""
    cells: dict[tuple[str, str], Cell] = {}
    for pair in leads.pairs:
        hours, behind = wording.span(pair.hours), wording.span(pair.hours_behind)
        cells[pair.leader, pair.follower] = Cell(f"{pair.led} of {pair.topics}", hours, pair.is_sure)
        cells[pair.follower, pair.leader] = Cell(f"{pair.followed} of {pair.topics}", behind)
    return [
        (one, [None if one is other else cells.get((one.value, other.value), Cell(MISSING)) for other in Platform])
        for one in Platform
    ]


def topic_lines(asked: Asked, topics: Sequence[Topic]) -> list[TopicLine]:
    """Topics with who showed them when."""
    return [
        TopicLine(topic.name, asked.hashtag(topic.name), grouped(topic.posts), _steps(topic), lane)
        for topic, lane in zip(topics, lanes(topics), strict=True)
    ]


def _steps(topic: Topic) -> list[tuple[str, str, str]]:
    first, *later = topic.arrivals
    steps = [(first.platform, wording.label(first.platform), moment(first.at))]
    return [*steps, *((one.platform, wording.label(one.platform), f"+{wording.span(one.hours)}") for one in later)]
