"""Reads of plans and usage."""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from billing.models import Plan, Reservation, Subscription, UsagePeriod
from kapture.core.choices import UsageKind


def month(moment: datetime) -> tuple[datetime, datetime]:
    """Start and end of the calendar month (UTC) that holds a moment."""
    start = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=calendar.monthrange(start.year, start.month)[1])


def plan_of(user: Any) -> Plan:
    """The plan somebody is on."""
    subscription = Subscription.objects.select_related("plan").filter(user_id=user.pk).first()
    return subscription.plan if subscription is not None else Plan.objects.get(is_default=True)


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
    """All kinds in the month of `now`, in two queries; nothing is written."""
    plan = plan_of(user)
    start, end = month(now)
    rows = {row.kind: row for row in UsagePeriod.objects.filter(user_id=user.pk, starts_at=start)}
    found = []
    for kind in UsageKind:
        row = rows.get(kind)
        used, held = (row.used, row.held) if row else (0, 0)
        found.append(KindUsage(kind, used, held, row.limit if row else plan.limit(kind), end))
    return found


def usage_of(user: Any, kind: UsageKind, now: datetime) -> KindUsage:
    """One kind in the month of `now`."""
    return next(row for row in usage(user, now) if row.kind == kind)


def as_meta(row: KindUsage) -> dict[str, Any]:
    """`meta.usage` of the API."""
    return {"type": row.kind.value, "current": row.current, "limit": row.limit, "remaining": row.remaining}


def receipts(user: Any) -> QuerySet[Reservation]:
    """What was held, settled and released, newest first."""
    return Reservation.objects.filter(period__user_id=user.pk).select_related("period").order_by("-created_at", "-id")
