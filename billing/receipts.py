"""What each piece of work held and was charged, one by one and by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncDate

from billing.models import Reservation
from billing.queries import SINGULAR, month
from kapture.core.choices import UsageKind
from kapture.jobs.models import Job, State


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
