"""What somebody used month by month and day by day, and the top-ups they were given."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncMonth

from billing.models import Plan, Reservation, UsagePeriod
from billing.queries import in_sentence, month
from kapture.core.choices import UsageKind

Source = UsagePeriod.Source
BY_MONTH = Q(period__source=Source.MONTH)
FEWEST_SHOWN, MONTHS_SHOWN = 6, 12


@dataclass(frozen=True, slots=True)
class TopUp:
    """Units beyond the months: bought, or `granted` by staff; `held` ones belong to work that still runs."""

    kind: UsageKind
    units: int
    used: int
    held: int
    given_at: datetime
    granted: bool

    @property
    def left(self) -> int:
        """What can still be taken."""
        return self.units - self.used - self.held


@dataclass(frozen=True, slots=True)
class KindMonth:
    """One kind in one month: what its allowance gave, of `limit`, and what came from top-ups."""

    kind: UsageKind
    used: int
    limit: int | None
    from_top_ups: int

    @property
    def total(self) -> int:
        """All that was charged."""
        return self.used + self.from_top_ups

    @property
    def noun(self) -> str:
        """Name of many inside a sentence."""
        return in_sentence(str(self.kind.label))


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month (UTC); `archived` once it is over and nothing of it is held any more."""

    starts_at: datetime
    kinds: tuple[KindMonth, ...]
    archived: bool


@dataclass(frozen=True, slots=True)
class History:
    """Months in which something was opened or charged, newest first, the running one always among them; top-ups too."""

    months: tuple[Month, ...]
    top_ups: tuple[TopUp, ...]

    @property
    def open_top_ups(self) -> list[TopUp]:
        """Those that have units left or held."""
        return [row for row in self.top_ups if row.left or row.held]

    def month(self, starts_at: datetime) -> Month | None:
        """One of the months, if it is there."""
        return next((row for row in self.months if row.starts_at == starts_at), None)


def history(user: Any, now: datetime, plan: Plan | None = None) -> History:
    """Everything of somebody's ledger that is summed up already, in two queries.

    With the `plan` they are on, kinds not used yet in the running month have its limits.
    """
    # On the last day of a month the rows of the next one are there already.
    begun = UsagePeriod.objects.filter(~Q(source=Source.MONTH) | Q(starts_at__lte=now), user_id=user.pk)
    periods = list(begun.order_by("-starts_at", "kind"))
    top_ups = [row for row in periods if row.source != Source.MONTH]
    extra = _from_top_ups(user) if top_ups else {}
    months: dict[datetime, dict[str, UsagePeriod]] = defaultdict(dict, {month(now)[0]: {}})
    for row in periods:
        if row.source == Source.MONTH:
            months[row.starts_at][row.kind] = row
    if plan is not None:
        fresh = {kind.value: UsagePeriod(kind=kind, limit=plan.limit(kind)) for kind in UsageKind}
        months[month(now)[0]] = fresh | months[month(now)[0]]
    # A month may live on top-ups alone.
    months |= {starts_at: {} for starts_at, _ in extra if starts_at not in months}
    return History(
        tuple(_month(starts_at, months[starts_at], extra) for starts_at in sorted(months, reverse=True)),
        tuple(
            TopUp(UsageKind(row.kind), row.limit, row.used, row.held, row.starts_at, row.source == Source.GRANT)
            for row in top_ups
        ),
    )


def _month(starts_at: datetime, rows: Mapping[str, UsagePeriod], extra: Mapping[tuple[datetime, str], int]) -> Month:
    kinds = tuple(
        KindMonth(kind, row.used if row else 0, row.limit if row else None, extra.get((starts_at, kind.value), 0))
        for kind, row in ((kind, rows.get(kind.value)) for kind in UsageKind)
    )
    return Month(starts_at, kinds, bool(rows) and all(row.archived_at for row in rows.values()))


def _from_top_ups(user: Any) -> dict[tuple[datetime, str], int]:
    """Units charged to top-ups, by month and kind."""
    rows = Reservation.objects.filter(~BY_MONTH, period__user_id=user.pk, settled__gt=0)
    found = rows.annotate(start=TruncMonth("created_at", tzinfo=UTC)).values_list("start", "period__kind")
    return {(start, kind): units for start, kind, units in found.annotate(units=Sum("settled")).order_by()}


def held_since(user: Any, begin: datetime) -> QuerySet[Reservation]:
    """Somebody's holds from a time on, of months and of top-ups however old; periods cut the search short."""
    taken_in = ~BY_MONTH | Q(period__starts_at__gte=month(begin)[0])
    return Reservation.objects.filter(taken_in, period__user_id=user.pk, created_at__gte=begin)


def used_by_day(user: Any, now: datetime, days: int = 30) -> dict[UsageKind, list[int]]:
    """Units charged for what was begun on each of the last `days` days (UTC, today last), by kind."""
    first = now.astimezone(UTC).date() - timedelta(days=days - 1)
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    rows = held_since(user, begin).filter(settled__gt=0)
    by_day = rows.annotate(day=TruncDate("created_at", tzinfo=UTC)).values_list("period__kind", "day")
    found = {kind: [0] * days for kind in UsageKind}
    for kind, day, units in by_day.annotate(units=Sum("settled")).order_by():
        if 0 <= (day - first).days < days:
            found[UsageKind(kind)][(day - first).days] = units
    return found


def last_months(found: History, now: datetime) -> Sequence[Month]:
    """From the first month with any use, at least the last six and at most the last twelve, oldest first."""
    starts: list[datetime] = []
    start, first = month(now)[0], found.months[-1].starts_at
    while len(starts) < FEWEST_SHOWN or (start >= first and len(starts) < MONTHS_SHOWN):
        starts.append(start)
        start = month(start - timedelta(days=1))[0]
    return [found.month(start) or _month(start, {}, {}) for start in reversed(starts)]
