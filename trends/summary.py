"""Hashtags, authors and platforms of a period."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from kapture.gateways.scraping import DateRange
from trends.models import Trend

CONSIDERED: Final = 1_000
SHOWN: Final = 20
Row = tuple[str, str, Sequence[str], int]


@dataclass(frozen=True, slots=True)
class Counted:
    """A name with its trends and their reach together."""

    name: str
    trends: int
    reach: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What the newest trends of a period are about; `considered` is how many were looked at."""

    considered: int
    hashtags: list[Counted]
    authors: list[Counted]
    platforms: list[Counted]


def summary(user: Any, period: DateRange, *, now: datetime) -> Summary:
    """Sum up the newest 1,000 trends published in a period, in one indexed read."""
    since = now - timedelta(days=period.days)
    newest = Trend.objects.for_user(user).filter(dated_at__gte=since).order_by("-dated_at", "-id")
    rows: list[Row] = list(newest.values_list("platform", "author_handle", "hashtags", "reach")[:CONSIDERED])
    return Summary(
        considered=len(rows),
        hashtags=_strongest(rows, lambda row: row[2]),
        authors=_strongest(rows, lambda row: [row[1]] if row[1] else []),
        platforms=_strongest(rows, lambda row: [row[0]]),
    )


def _strongest(rows: Sequence[Row], names: Callable[[Row], Iterable[str]]) -> list[Counted]:
    found: dict[str, list[int]] = {}
    for row in rows:
        for name in names(row):
            tally = found.setdefault(name, [0, 0])
            tally[0] += 1
            tally[1] += row[3]
    ranked = sorted(found.items(), key=lambda entry: (-entry[1][0], -entry[1][1], entry[0]))
    return [Counted(name, count, reach) for name, (count, reach) in ranked[:SHOWN]]
