"""What a rule would have done: the looks that were kept, told again with the arithmetic of live runs.

A post would have been claimed at the first of all its looks that reaches the rule, when that look lies in the period.
Which look that is the database finds; only the few that decide a claim are read, so histories may be long.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from kapture.core.choices import Platform
from trends import queries as trend_queries
from trends.models import Mark, Trend, Watch
from trends.queries import TrendFilter
from trends.watches.queries import KeptLook, Record, deciding_looks, first_reached
from trends.watches.rules import (
    GROWTH,
    TOLERANCE,
    Grade,
    Measured,
    first_reaching,
    grade,
    measured,
    target_of,
    value_of,
)
from trends.watches.specs import RuleSpec

MOST_TRENDS: Final = 2_000
PERIODS: Final = (30, 90)


@dataclass(frozen=True, slots=True)
class Search:
    """Which posts are meant: those a watch met, and where it met none yet (or there is none) those with its words."""

    keywords: tuple[str, ...]
    platforms: tuple[Platform, ...]
    watch: Watch | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """An alert that would have been raised, and what would have become of it by hours."""

    trend: Trend
    at: datetime
    value: float
    reach: int
    grades: dict[int, Grade]


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a rule would have done in the days before `until`; `considered` posts were looked at, the newest."""

    rule: RuleSpec
    days: int
    until: datetime
    considered: int
    claims: Sequence[Claim] = field(default=())

    def record(self, hours: int) -> Record:
        """Hits and misses after so many hours, where later looks tell."""
        states = Counter(claim.grades[hours].state for claim in self.claims)
        return Record(states[Mark.State.HIT], states[Mark.State.MISS])

    @property
    def dates(self) -> list[date]:
        """The days of the period (UTC)."""
        last = self.until.astimezone(UTC).date()
        return [last - timedelta(days=back) for back in reversed(range(self.days))]

    def per_day(self, state: Mark.State | None = None, hours: int = 24) -> list[int]:
        """How many alerts each day would have raised, of all or of those with one grade."""
        claims = [claim for claim in self.claims if state is None or claim.grades[hours].state == state]
        counted = Counter(claim.at.astimezone(UTC).date() for claim in claims)
        return [counted[day] for day in self.dates]


def backtest(
    user: Any, search: Search, rules: Sequence[RuleSpec], days: int, now: datetime | None = None
) -> list[Backtest]:
    """What rules would have done with posts of a user within the last days, one after the other."""
    now = now or timezone.now()
    since = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    ids = _posts(user, search)
    reached = first_reached(ids, rules, since, now)
    trends = Trend.objects.for_user(user).defer("search").in_bulk(set().union(*reached))
    found = []
    for rule, firsts in zip(rules, reached, strict=True):
        looks = deciding_looks(firsts, rule)
        claims = [claim for pk in looks if (claim := _claim(trends[pk], looks[pk], rule, since, now))]
        claims.sort(key=lambda claim: (claim.at, claim.trend.pk), reverse=True)
        found.append(Backtest(rule, days, now, len(ids), claims))
    return found


def _posts(user: Any, search: Search) -> list[UUID]:
    """The ids of the meant posts, the newest 2,000."""
    mine = Trend.objects.for_user(user).filter(platform__in=search.platforms)
    if search.watch is not None:
        met = mine.filter(met_by__watch=search.watch)
        if ids := _newest(met):
            return ids
    seen: dict[UUID, datetime] = {}
    for keyword in search.keywords:
        wanted = TrendFilter(platforms=search.platforms, q=keyword)
        seen |= dict(
            trend_queries.trends(user, wanted)
            .order_by("-scraped_at", "-pk")
            .values_list("pk", "scraped_at")[:MOST_TRENDS]
        )
    return sorted(seen, key=lambda pk: (seen[pk], pk), reverse=True)[:MOST_TRENDS]


def _newest(rows: Any) -> list[UUID]:
    return list(rows.order_by("-scraped_at", "-pk").values_list("pk", flat=True)[:MOST_TRENDS])


def _claim(trend: Trend, looks: Sequence[KeptLook], rule: RuleSpec, since: datetime, now: datetime) -> Claim | None:
    first = first_reaching(looks, rule.metric, rule.at_least)
    if first is None or not since <= first.at <= now:
        return None
    value = value_of(first, rule.metric)
    assert value is not None
    last = Measured(trend.scraped_at, trend.reach)
    grades = {}
    for hours in GROWTH:
        due_at = first.at + timedelta(hours=hours)
        grades[hours] = grade(target_of(first.reach, hours), due_at, measured(looks, last, due_at, TOLERANCE), now)
    return Claim(trend, first.at, value, first.reach, grades)
