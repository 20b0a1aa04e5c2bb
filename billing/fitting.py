"""Which plan would have been enough: what somebody used lately, replayed against the limits of each plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncDate

from billing.history import held_since
from billing.models import Plan
from billing.queries import month
from kapture.core.choices import UsageKind
from kapture.objects.models import StoredObject

MOST_MONTHS = 3
DAYS = 30
Daily = Mapping[date, Mapping[UsageKind, int]]


@dataclass(frozen=True, slots=True)
class Refused:
    """Units of one kind that a plan would not have given, and the day on which it would first have said no.

    Without units the plan would just have run out on that day: what was asked for after that is not known here, since
    what was refused leaves no row.
    """

    kind: UsageKind
    units: int
    since: date


@dataclass(frozen=True, slots=True)
class Fit:
    """What one plan would have refused; `storage_short` when more is stored now than the plan keeps."""

    plan: Plan
    refused: tuple[Refused, ...]
    storage_short: bool

    @property
    def fits(self) -> bool:
        """Whether it would have been enough."""
        return not self.refused and not self.storage_short


@dataclass(frozen=True, slots=True)
class Replay:
    """What was looked at: `months` full calendar months, or (when there is none yet) the last 30 days; and the fits.

    `used` counts units by kind over all of it. Without any use there is nothing to go by and no fit.
    """

    months: tuple[datetime, ...]
    used: Mapping[UsageKind, int]
    stored: int
    fits: tuple[Fit, ...]

    @property
    def best(self) -> Fit | None:
        """The cheapest plan that would have been enough, if one would."""
        enough = [fit for fit in self.fits if fit.fits]
        return min(enough, key=lambda fit: (fit.plan.price_cents, fit.plan.position), default=None)

    def of(self, plan: Plan) -> Fit | None:
        """How one plan would have done."""
        return next((fit for fit in self.fits if fit.plan.pk == plan.pk), None)


def replay(user: Any, plans: Iterable[Plan], now: datetime) -> Replay:
    """Somebody's last full months (at most three) under each plan, in two queries.

    Days are replayed in order, as if each unit had been asked for alone. Months in which the account was not there from
    the first day say too little and are left out.
    """
    months = full_months(user.date_joined, now)
    begin = months[0] if months else now - timedelta(days=DAYS)
    end = month(now)[0] if months else now
    daily = _daily(user, begin, end)
    used = {kind: sum(units.get(kind, 0) for units in daily.values()) for kind in UsageKind}
    stored = _stored(user)
    if not any(used.values()):
        return Replay(tuple(months), used, stored, ())
    spans = [_within(daily, start.date(), month(start)[1].date()) for start in months] or [daily]
    fits = [Fit(plan, _refused(plan, spans), stored > plan.storage_bytes) for plan in plans]
    return Replay(tuple(months), used, stored, tuple(fits))


def full_months(joined: datetime, now: datetime) -> list[datetime]:
    """Starts of the last full calendar months that began after somebody joined, oldest first, at most three."""
    found: list[datetime] = []
    start = month(now)[0]
    while len(found) < MOST_MONTHS:
        start = month(start - timedelta(days=1))[0]
        if start < joined:
            break
        found.append(start)
    return found[::-1]


def _daily(user: Any, begin: datetime, end: datetime) -> Daily:
    rows = held_since(user, begin).filter(created_at__lt=end, settled__gt=0)
    by_day = rows.annotate(day=TruncDate("created_at", tzinfo=UTC)).values_list("day", "period__kind")
    found: dict[date, dict[UsageKind, int]] = {}
    for day, kind, units in by_day.annotate(units=Sum("settled")).order_by("day"):
        found.setdefault(day, {})[UsageKind(kind)] = units
    return found


def _within(daily: Daily, first: date, end: date) -> Daily:
    return {day: units for day, units in daily.items() if first <= day < end}


def _stored(user: Any) -> int:
    files = StoredObject.objects.for_user(user).filter(state=StoredObject.State.LIVE)
    return int(files.aggregate(size=Sum("size"))["size"] or 0)


def _refused(plan: Plan, spans: Sequence[Daily]) -> tuple[Refused, ...]:
    found = []
    for kind in UsageKind:
        missing, since, empty = 0, None, None
        for daily in spans:
            level = 0
            for day in sorted(daily):
                level += daily[day].get(kind, 0)
                if level > plan.limit(kind) and since is None:
                    since = day
                if level and level >= plan.limit(kind) and empty is None:
                    empty = day
            missing += max(0, level - plan.limit(kind))
        # Who reached the limit may have been refused more: only what stayed below it was surely enough.
        if (first := since or empty) is not None:
            found.append(Refused(kind, missing, first))
    return tuple(found)
