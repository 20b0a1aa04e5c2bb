"""Figures of a group of posts, and how they changed since the period before; pure arithmetic."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from trends.analytics.periods import Period

Key = TypeVar("Key", bound=Hashable)


class Fact(NamedTuple):
    """What the figures need to know of a post."""

    pk: UUID
    platform: str
    author_key: str
    author_name: str
    author_handle: str
    hashtags: Sequence[str]
    reach: int
    multiple: float | None
    engagement: float | None
    score: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """The newest posts of a period and of the one before; `cut` says that there are more than were read."""

    facts: Sequence[Fact]
    before: Sequence[Fact]
    cut: bool
    cut_before: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """How many posts, their reach together, the medians of what is known of them, and the one with the best score."""

    trends: int
    reach: int
    multiple: float | None
    engagement: float | None
    best: UUID | None

    @classmethod
    def of(cls, facts: Sequence[Fact]) -> "Figures":
        """The figures of some posts."""
        best = max(facts, key=lambda fact: (fact.score, fact.reach, fact.pk), default=None)
        return cls(
            trends=len(facts),
            reach=sum(fact.reach for fact in facts),
            multiple=_median(fact.multiple for fact in facts),
            engagement=_median(fact.engagement for fact in facts),
            best=best.pk if best else None,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Each figure over that of the period before, less one (0.25 is a quarter more); None where nothing tells."""

    trends: float | None = None
    reach: float | None = None
    multiple: float | None = None
    engagement: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A group of posts: all, a platform, a hashtag or an author; `posts` and `reach` are by part of the period."""

    key: str
    name: str
    platform: str
    figures: Figures
    change: Change
    posts: Sequence[int]
    reach: Sequence[int]


def changed(now: Figures, before: Figures, *, counts: bool) -> Change:
    """The change between two periods; without `counts` (not all posts were read) only of medians."""
    return Change(
        trends=relative(now.trends, before.trends) if counts else None,
        reach=relative(now.reach, before.reach) if counts else None,
        multiple=relative(now.multiple, before.multiple),
        engagement=relative(now.engagement, before.engagement),
    )


def relative(now: float | None, before: float | None) -> float | None:
    """`now / before - 1`; None where one is unknown or there was nothing before."""
    return None if now is None or not before else now / before - 1


def row(
    period: Period, sample: Sample, facts: Sequence[Fact], before: Sequence[Fact], *, key: str, name: str, platform: str
) -> Row:
    """One group of a sample, of its posts in the period and in the one before."""
    posts, reach = [0] * period.parts, [0] * period.parts
    for fact in facts:
        part = period.part(fact.at)
        posts[part] += 1
        reach[part] += fact.reach
    figures = Figures.of(facts)
    change = changed(figures, Figures.of(before), counts=not (sample.cut or sample.cut_before))
    return Row(key, name, platform, figures, change, posts, reach)


@dataclass(frozen=True, slots=True)
class Groups(Generic[Key]):
    """The posts of a sample by each of their keys; of the period before only those of keys that are used now."""

    now: dict[Key, list[Fact]]
    before: dict[Key, list[Fact]]

    @classmethod
    def of(cls, sample: Sample, keys: Callable[[Fact], Iterable[Key]]) -> "Groups[Key]":
        """The groups that a function of a post tells apart."""
        now: dict[Key, list[Fact]] = {}
        for fact in sample.facts:
            for key in keys(fact):
                now.setdefault(key, []).append(fact)
        before: dict[Key, list[Fact]] = {key: [] for key in now}
        for fact in sample.before:
            for key in keys(fact):
                if key in before:
                    before[key].append(fact)
        return cls(now, before)


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(median(known)) if known else None
