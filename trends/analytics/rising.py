"""Hashtags whose share of all posts grows, and authors; pure arithmetic over a sample (docs/analytics.md)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple, TypeVar

from kapture.core.choices import Platform
from trends.analytics.figures import Fact, Groups, Key, Row, Sample, row
from trends.analytics.periods import Period
from trends.analytics.shares import Rise, Whole, reach_rise, rise

# A hashtag is listed from three posts by two authors on.
MIN_POSTS: Final = 3
MIN_AUTHORS: Final = 2
# A median of an author's multiples needs as many.
MIN_RATED: Final = 3
SHOWN: Final = 50
Listed = TypeVar("Listed", "Hashtag", "Author")


class Standing(NamedTuple):
    """What groups are ordered by; `rise` is the lower bound of a hashtag's rise, or the multiple of an author."""

    key: str
    trends: int
    reach: int
    rise: float = 0.0
    reach_rise: float = 0.0


@dataclass(frozen=True, slots=True)
class Hashtag:
    """A hashtag of the period; shares are of all posts, `rise` and `reach_rise` None where nothing can be compared."""

    standing: Standing
    row: Row
    authors: int
    share: float
    share_before: float
    rise: Rise | None
    reach_rise: float | None


@dataclass(frozen=True, slots=True)
class Author:
    """Who published in the period; `multiple` is the median of three rated posts or more, else None."""

    standing: Standing
    row: Row
    multiple: float | None


Order = Callable[[Standing], tuple[float, ...]]
HASHTAG_SORTS: Final[Mapping[str, Order]] = {
    "-rise": lambda tag: (tag.rise, tag.trends, tag.reach),
    "-reachRise": lambda tag: (tag.reach_rise, tag.trends, tag.reach),
    "-trends": lambda tag: (tag.trends, tag.reach),
    "-reach": lambda tag: (tag.reach, tag.trends),
}
AUTHOR_SORTS: Final[Mapping[str, Order]] = {
    "-trends": lambda author: (author.trends, author.reach),
    "-reach": lambda author: (author.reach, author.trends),
    "-multiple": lambda author: (author.rise, author.reach),
}


def hashtags(period: Period, sample: Sample, tags: Groups[str]) -> list[Hashtag]:
    """The hashtags that are among the first fifty in one of the orders."""
    now, before = Whole.of(sample.facts), Whole.of(sample.before)
    known = {
        tag: _standing(tag, mine, tags.before[tag], now, before) for tag, mine in tags.now.items() if _is_used(mine)
    }
    return [
        Hashtag(
            standing=standing,
            row=row(period, sample, tags.now[tag], tags.before[tag], key=tag, name=tag, platform=""),
            authors=len({(fact.platform, fact.author_key) for fact in tags.now[tag]}),
            share=standing.trends / now.posts,
            share_before=len(tags.before[tag]) / before.posts if before.posts else 0.0,
            rise=rise(standing.trends, now.posts, len(tags.before[tag]), before.posts),
            reach_rise=reach_rise(standing.reach, now, sum(fact.reach for fact in tags.before[tag]), before),
        )
        for tag, standing in _leading(known, HASHTAG_SORTS.values())
    ]


def _is_used(facts: Sequence[Fact]) -> bool:
    return len(facts) >= MIN_POSTS and len({(fact.platform, fact.author_key) for fact in facts}) >= MIN_AUTHORS


def _standing(tag: str, mine: Sequence[Fact], earlier: Sequence[Fact], now: Whole, before: Whole) -> Standing:
    found = rise(len(mine), now.posts, len(earlier), before.posts)
    reach = sum(fact.reach for fact in mine)
    of_reach = reach_rise(reach, now, sum(fact.reach for fact in earlier), before)
    return Standing(tag, len(mine), reach, found.at_least if found else 0.0, of_reach or 0.0)


def author_of(fact: Fact) -> list[tuple[str, str]]:
    """What tells authors apart; nobody where the platform does not say."""
    return [(fact.platform, fact.author_key)] if fact.author_key else []


def authors(period: Period, sample: Sample, people: Groups[tuple[str, str]]) -> list[Author]:
    """The authors that are among the first fifty in one of the orders; one person on two platforms is two authors."""
    multiples = {key: _multiple(mine) for key, mine in people.now.items()}
    known = {
        key: Standing(key[1], len(mine), sum(fact.reach for fact in mine), multiples[key] or 0.0)
        for key, mine in people.now.items()
    }
    return [
        Author(
            standing=standing,
            # The newest post says how the author is called now.
            row=row(
                period, sample, people.now[key], people.before[key],
                key=key[1], name=called(people.now[key][0]), platform=key[0],
            ),
            multiple=multiples[key],
        )
        for key, standing in _leading(known, AUTHOR_SORTS.values())
    ]  # fmt: skip


def _multiple(facts: Sequence[Fact]) -> float | None:
    rated = [fact.multiple for fact in facts if fact.multiple is not None]
    return float(median(rated)) if len(rated) >= MIN_RATED else None


def called(fact: Fact) -> str:
    """An author as people write them on the platform."""
    if fact.author_handle and fact.platform in (Platform.TIKTOK, Platform.X):
        return f"@{fact.author_handle}"
    return fact.author_name or fact.author_handle or fact.author_key


def ranked(rows: Sequence[Listed], order: Order) -> list[Listed]:
    """Rows with the largest first; equal ones by name, so that the order is the same each time."""
    named = sorted(rows, key=lambda one: one.standing.key)
    return sorted(named, key=lambda one: order(one.standing), reverse=True)


def _leading(known: Mapping[Key, Standing], orders: Iterable[Order]) -> list[tuple[Key, Standing]]:
    named = sorted(known.items(), key=lambda one: one[1].key)
    kept: dict[Key, Standing] = {}
    for order in orders:
        kept.update(sorted(named, key=lambda one, by=order: by(one[1]), reverse=True)[:SHOWN])  # type: ignore[misc]
    return list(kept.items())
