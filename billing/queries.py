"""Reads of plans and usage."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate

from billing.models import Plan, Reservation, Subscription, UsagePeriod
from kapture.core.choices import UsageKind
from kapture.jobs.models import Job, State

SINGULAR = {
    UsageKind.SCRAPE: "Scrape",
    UsageKind.DOWNLOAD: "Download",
    UsageKind.AI_GENERATION: "AI generation",
}


def month(moment: datetime) -> tuple[datetime, datetime]:
    """Start and end of the calendar month (UTC) that holds a moment."""
    start = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=calendar.monthrange(start.year, start.month)[1])


def plan_of(user: Any) -> Plan:
    """The plan somebody is on: the chosen one, else the default."""
    chosen = Subscription.objects.filter(user_id=user.pk).values("plan_id")
    default = Plan.objects.filter(is_default=True).values("pk")
    return Plan.objects.get(pk=Coalesce(Subquery(chosen), Subquery(default)))


@dataclass(frozen=True, slots=True)
class KindUsage:
    """What one usage kind looks like this month."""

    kind: UsageKind
    used: int
    held: int
    limit: int
    resets_at: datetime

    @property
    def label(self) -> str:
        """Name for people."""
        return str(self.kind.label)

    @property
    def current(self) -> int:
        """Used and held: what counts against the limit."""
        return self.used + self.held

    @property
    def remaining(self) -> int:
        """What is left, never below zero (a downgrade may leave `current` above the limit)."""
        return max(0, self.limit - self.current)


def usage(user: Any, now: datetime) -> list[KindUsage]:
    """All kinds in the month of `now`, in one query, or two when a kind was not used yet; nothing is written."""
    start, end = month(now)
    rows = {row.kind: row for row in UsagePeriod.objects.filter(user_id=user.pk, starts_at=start)}
    plan = None if len(rows) == len(UsageKind) else plan_of(user)
    found = []
    for kind in UsageKind:
        row = rows.get(kind)
        if row is not None:
            found.append(KindUsage(kind, row.used, row.held, row.limit, end))
        elif plan is not None:
            found.append(KindUsage(kind, 0, 0, plan.limit(kind), end))
    return found


def usage_of(user: Any, kind: UsageKind, now: datetime) -> KindUsage:
    """One kind in the month of `now`."""
    return next(row for row in usage(user, now) if row.kind == kind)


def as_meta(row: KindUsage) -> dict[str, Any]:
    """`meta.usage` of the API."""
    return {"type": row.kind.value, "current": row.current, "limit": row.limit, "remaining": row.remaining}


def runs_out(row: KindUsage, now: datetime) -> datetime | None:
    """When a kind is used up if the month goes on as it went so far; None when it lasts, or is too young to tell.

    Straight line: remaining units over units a second since the month began (after its first day).
    """
    start, _ = month(now)
    passed = now - start
    if not row.current or not row.remaining or passed < timedelta(days=1):
        return None
    moment = now + row.remaining * (passed / row.current)
    return moment if moment < row.resets_at else None


@dataclass(frozen=True, slots=True)
class Standing:
    """A kind's usage, and when it is used up at this pace (None when it lasts the month)."""

    usage: KindUsage
    runs_out_at: datetime | None


def standing(user: Any, now: datetime) -> list[Standing]:
    """All kinds in the month of `now` with their forecasts."""
    return [Standing(row, runs_out(row, now)) for row in usage(user, now)]


def months(user: Any, now: datetime) -> list[datetime]:
    """Starts of the running month and of those in which somebody used anything, newest first."""
    used = UsagePeriod.objects.filter(user_id=user.pk).values_list("starts_at", flat=True).order_by().distinct()
    return sorted({*used, month(now)[0]}, reverse=True)


def receipts(user: Any, starts_at: datetime) -> QuerySet[Reservation]:
    """What was held, settled and released in the month that starts then, newest first."""
    rows = Reservation.objects.filter(period__user_id=user.pk, period__starts_at=starts_at)
    return rows.select_related("period").order_by("-created_at", "-id")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A reservation with what it was for; `outcome` is said in words, `tone` colours them, `open` ones still run."""

    at: datetime
    kind: str
    title: str
    amount: int
    settled: int
    outcome: str
    tone: str
    open: bool


def explained(rows: Sequence[Reservation]) -> list[Receipt]:
    """Receipts with the titles of their jobs, which one query brings."""
    jobs = {job.pk: job for job in Job.objects.filter(pk__in=[row.source_id for row in rows])}
    return [_explained(row, jobs.get(row.source_id)) for row in rows]


def _explained(row: Reservation, job: Job | None) -> Receipt:
    kind = UsageKind(row.period.kind)
    outcome, tone = _outcome(row, job)
    title = job.title if job is not None and job.title else SINGULAR[kind]
    is_open = row.state == Reservation.State.HELD
    return Receipt(row.created_at, SINGULAR[kind], title, row.amount, row.settled, outcome, tone, is_open)


def _outcome(row: Reservation, job: Job | None) -> tuple[str, str]:
    if row.state == Reservation.State.HELD:
        return "Held while it runs", "accent"
    if row.state == Reservation.State.SETTLED:
        return ("Charged" if row.settled == row.amount else "Charged in part"), "ok"
    if job is None or job.state == State.COMPLETED:
        return "Not charged", "neutral"
    return f"{job.get_state_display()}, not charged", "bad" if job.state == State.FAILED else "neutral"


def used_by_day(user: Any, now: datetime, days: int = 30) -> dict[UsageKind, list[int]]:
    """Units charged on each of the last `days` days (UTC, today last), by kind."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    rows = (
        Reservation.objects.filter(
            period__user_id=user.pk, period__starts_at__gte=month(begin)[0], created_at__gte=begin, settled__gt=0
        )
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values_list("period__kind", "day")
        .annotate(units=Sum("settled"))
        .order_by()
    )
    found = {kind: [0] * days for kind in UsageKind}
    for kind, day, units in rows:
        if 0 <= (day - first).days < days:
            found[UsageKind(kind)][(day - first).days] = units
    return found


def price(plan: Plan) -> str:
    """What a plan costs a month, in words: Free, $19, $5.50."""
    dollars, cents = divmod(plan.price_cents, 100)
    if not plan.price_cents:
        return "Free"
    return f"${dollars:,}.{cents:02}" if cents else f"${dollars:,}"
