"""Reserving, settling and releasing units; the only writers of the ledger."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from billing.models import Plan, Reservation, Subscription, UsagePeriod
from billing.queries import KindUsage, as_meta, month, plan_of
from kapture.audit.services import record
from kapture.core.choices import UsageKind
from kapture.core.errors import UsageExceeded
from kapture.core.ids import new_id

JOBLESS_HOLD = timedelta(minutes=10)
GRANT = """
    UPDATE billing_usageperiod SET held = held + %(amount)s, updated_at = now()
    WHERE user_id = %(user)s AND kind = %(kind)s AND starts_at = %(starts_at)s AND used + held + %(amount)s <= "limit"
    RETURNING id, used + held, "limit"
"""


def database_month() -> tuple[Any, Any]:
    """The current month by the database's clock, which all processes share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return month(cursor.fetchone()[0])


def reserve(user: Any, kind: UsageKind, amount: int, *, source_id: UUID, for_job: bool = True) -> Reservation:
    """Hold `amount` units for one piece of work in the caller's transaction; raises `UsageExceeded`.

    The limit is checked by the UPDATE that takes the units, so no two requests can both take the last one. With
    `for_job` the end of the job `source_id` settles it; without, it is released after ten minutes if nobody did.
    """
    starts_at, ends_at = database_month()
    key = {"user": user.pk, "kind": kind.value, "starts_at": starts_at}
    with transaction.atomic():
        granted = _grant({**key, "amount": amount})
        if granted is None and _open_period(user, kind, starts_at, ends_at):
            granted = _grant({**key, "amount": amount})
        if granted is None:
            raise _refusal(user, kind, amount, starts_at)
        period_id, level, limit = granted
        return Reservation.objects.create(
            period_id=period_id,
            source_id=source_id,
            amount=amount,
            level_after=level,
            limit_at_grant=limit,
            expires_at=None if for_job else Now() + JOBLESS_HOLD,
        )


def _grant(values: dict[str, Any]) -> tuple[UUID, int, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(GRANT, values)
        row = cursor.fetchone()
    return (row[0], row[1], row[2]) if row else None


def _open_period(user: Any, kind: UsageKind, starts_at: Any, ends_at: Any) -> bool:
    """Make the month's row on its first use; True when there was none."""
    if UsagePeriod.objects.filter(user_id=user.pk, kind=kind, starts_at=starts_at).exists():
        return False
    row = UsagePeriod(
        id=new_id(), user=user, kind=kind, starts_at=starts_at, ends_at=ends_at, limit=plan_of(user).limit(kind)
    )
    UsagePeriod.objects.bulk_create([row], ignore_conflicts=True)
    return True


def _refusal(user: Any, kind: UsageKind, amount: int, starts_at: Any) -> UsageExceeded:
    row = UsagePeriod.objects.get(user_id=user.pk, kind=kind, starts_at=starts_at)
    seen = KindUsage(kind, row.used, row.held, row.limit, row.ends_at)
    alternatives = [
        f"Wait until {row.ends_at:%-d %B}, when the month starts anew.",
        "Choose a plan with a higher limit.",
    ]
    if seen.remaining:
        alternatives.insert(0, f"Ask for {seen.remaining} or fewer now.")
    left = "none is left" if not seen.remaining else f"{seen.remaining} left"
    return UsageExceeded(
        f"This needs {amount} of your {seen.limit} {seen.noun} a month; {left} until the month ends.",
        details={
            **as_meta(seen),
            "requested": amount,
            "resetsAt": row.ends_at,
            "upgradeUrl": "/usage/plans/",
            "alternatives": alternatives,
        },
    )


def settle(source_id: UUID, units: int, reason: str = "") -> bool:
    """End a hold: `units` (at most what is held) count as used, the rest is free again; False when it ended already.

    The period is the one the hold was taken in, even after that month is over.
    """
    with transaction.atomic():
        held = (
            Reservation.objects.select_for_update()
            .filter(source_id=source_id, state=Reservation.State.HELD)
            .only("id", "amount", "period_id")
            .first()
        )
        if held is None:
            return False
        used = min(max(units, 0), held.amount)
        Reservation.objects.filter(pk=held.pk).update(
            state=Reservation.State.SETTLED if used else Reservation.State.RELEASED,
            settled=used,
            reason=reason[:120],
            ended_at=Now(),
            updated_at=Now(),
        )
        UsagePeriod.objects.filter(pk=held.period_id).update(
            held=F("held") - held.amount, used=F("used") + used, updated_at=Now()
        )
    return True


def release(source_id: UUID, reason: str = "") -> bool:
    """End a hold without charge; False when it has ended already."""
    return settle(source_id, 0, reason)


def release_expired() -> int:
    """Release holds without a job that nobody ended in time; returns how many."""
    late = Reservation.objects.filter(state=Reservation.State.HELD, expires_at__lt=Now()).values_list(
        "source_id", flat=True
    )
    return sum(release(source_id, "never finished") for source_id in late[:500])


def choose_plan(user: Any, plan: Plan, actor: Any) -> Subscription:
    """Put somebody on a plan: the running month's limits follow at once, what was used stays."""
    with transaction.atomic():
        subscription, _ = Subscription.objects.update_or_create(user=user, defaults={"plan": plan})
        starts_at, _ = database_month()
        for kind in UsageKind:
            UsagePeriod.objects.filter(user=user, kind=kind, starts_at__gte=starts_at).update(
                limit=plan.limit(kind), updated_at=Now()
            )
        record(actor, "billing.plan_chosen", subscription, plan=plan.slug)
    return subscription


def apply_plan(plan: Plan) -> None:
    """Carry a changed plan into the running month of everybody on it."""
    starts_at, _ = database_month()
    running = UsagePeriod.objects.filter(starts_at__gte=starts_at)
    chosen = Subscription.objects.filter(plan=plan).values("user_id")
    people = running.filter(user_id__in=chosen)
    if plan.is_default:
        people = people | running.exclude(user_id__in=Subscription.objects.values("user_id"))
    for kind in UsageKind:
        people.filter(kind=kind).update(limit=plan.limit(kind), updated_at=Now())
