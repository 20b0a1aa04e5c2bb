"""Reserving, settling and releasing units; the only writers of the ledger.

Rows are locked in one order everywhere: the month's, top-ups by age, then the key's day.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now

from billing.models import Reservation, UsagePeriod
from billing.queries import KindUsage, as_meta, month, plan_of, usage_of
from billing.services.notices import tell_level
from billing.services.spending import spend, unspend
from kapture.core.choices import UsageKind
from kapture.core.dryrun import dry_run
from kapture.core.errors import UsageExceeded
from kapture.core.ids import new_id
from kapture.core.locks import Lock, wait_for

Source = UsagePeriod.Source
JOBLESS_HOLD = timedelta(minutes=10)
GRANT = """
    UPDATE billing_usageperiod SET held = held + %(amount)s, updated_at = now()
    WHERE user_id = %(user)s AND kind = %(kind)s AND source = 'month' AND starts_at = %(starts_at)s
      AND used + held + %(amount)s <= "limit"
    RETURNING id, used + held, "limit"
"""
# The month first, so that what was paid for lasts.
FIRST_THE_MONTH = (Case(When(source=Source.MONTH, then=Value(0)), default=Value(1)), "created_at", "id")


def database_now() -> datetime:
    """The time by the database's clock, which all processes share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now: datetime = cursor.fetchone()[0]
    return now


def database_month() -> tuple[datetime, datetime]:
    """The current month by the database's clock."""
    return month(database_now())


def alone_with_ledger_of(user: Any) -> None:
    """Keep others from opening months or changing limits of somebody until the transaction ends.

    Without it a month opened while the plan changes could keep the limit of the plan that was.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [Lock.PLANS])
    wait_for(Lock.LEDGER, user)


def alone_with_plans() -> None:
    """Keep everybody from opening months until the transaction, which changes a plan, ends."""
    wait_for(Lock.PLANS)


def reserve(user: Any, kind: UsageKind, amount: int, *, source_id: UUID, for_job: bool = True) -> list[Reservation]:
    """Hold `amount` units for one piece of work in the caller's transaction; raises `UsageExceeded`.

    The limit is checked by the UPDATE that takes the units, so no two requests can both take the last one. What the
    month does not have comes from top-ups, oldest first: one row for each period something was taken from. With
    `for_job` the end of the job `source_id` settles it; without, it is released after ten minutes if nobody did.
    """
    starts_at, ends_at = database_month()
    with transaction.atomic():
        taken = _take(user, kind, amount, starts_at, ends_at)
        key_day = spend(kind, amount)
        if (rehearsal := dry_run.get()) is not None:
            rehearsal.note(amount, as_meta(usage_of(user, kind, starts_at)))
        return Reservation.objects.bulk_create(
            Reservation(
                period_id=period_id,
                source_id=source_id,
                amount=units,
                level_after=level,
                limit_at_grant=limit,
                key_day=key_day,
                expires_at=None if for_job else Now() + JOBLESS_HOLD,
            )
            for period_id, units, level, limit in taken
        )


def _take(
    user: Any, kind: UsageKind, amount: int, starts_at: Any, ends_at: Any
) -> Iterable[tuple[UUID, int, int, int]]:
    """(period, units, its level afterwards, its limit) of each period units came from."""
    key = {"user": user.pk, "kind": kind.value, "starts_at": starts_at, "amount": amount}
    granted = _grant(key)
    if granted is None and _open_month(user, kind, starts_at, ends_at):
        granted = _grant(key)
    if granted is None:
        return _spread(user, kind, amount, starts_at)
    period_id, level, limit = granted
    tell_level(user, kind, period_id, level - amount, level, limit)
    return [(period_id, amount, level, limit)]


def _grant(values: dict[str, Any]) -> tuple[UUID, int, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(GRANT, values)
        row = cursor.fetchone()
    return (row[0], row[1], row[2]) if row else None


def _open_month(user: Any, kind: UsageKind, starts_at: Any, ends_at: Any) -> bool:
    """Make the month's row on its first use; True when there was none."""
    months = UsagePeriod.objects.filter(user_id=user.pk, kind=kind, source=Source.MONTH, starts_at=starts_at)
    if months.exists():
        return False
    alone_with_ledger_of(user)
    row = UsagePeriod(
        id=new_id(), user=user, kind=kind, starts_at=starts_at, ends_at=ends_at, limit=plan_of(user).limit(kind)
    )
    UsagePeriod.objects.bulk_create([row], ignore_conflicts=True)
    return True


def _spread(user: Any, kind: UsageKind, amount: int, starts_at: Any) -> list[tuple[UUID, int, int, int]]:
    """Take from the month and from top-ups, under a lock on all of them; raises `UsageExceeded`."""
    month_or_topup = Q(source=Source.MONTH, starts_at=starts_at) | ~Q(source=Source.MONTH)
    rows = UsagePeriod.objects.filter(month_or_topup, user_id=user.pk, kind=kind).order_by(*FIRST_THE_MONTH)
    locked = list(rows.select_for_update())
    room = [max(0, row.limit - row.used - row.held) for row in locked]
    if sum(room) < amount:
        raise _refusal(kind, amount, locked[0], sum(room), starts_at)
    taken, wanted = [], amount
    for row, units in zip(locked, room, strict=True):
        units = min(units, wanted)
        if not units:
            continue
        wanted -= units
        level = row.used + row.held + units
        taken.append((row.pk, units, level, row.limit))
        UsagePeriod.objects.filter(pk=row.pk).update(held=F("held") + units, updated_at=Now())
        if row.source == Source.MONTH:
            tell_level(user, kind, row.pk, level - units, level, row.limit)
    return taken


def _refusal(kind: UsageKind, amount: int, of_month: UsagePeriod, possible: int, starts_at: Any) -> UsageExceeded:
    in_month = max(0, of_month.limit - of_month.used - of_month.held)
    resets_at = month(starts_at)[1]
    seen = KindUsage(kind, of_month.used, of_month.held, of_month.limit, resets_at, extra=possible - in_month)
    sells = bool(settings.STRIPE_SECRET_KEY)
    alternatives = [
        f"Wait until {resets_at:%-d %B}, when the month starts anew.",
        f"Choose a plan with a higher limit{', or buy a top-up' if sells else ''}.",
    ]
    if possible:
        alternatives.insert(0, f"Ask for {possible} or fewer now.")
    left = "none is left" if not possible else f"{possible} left"
    return UsageExceeded(
        f"This needs {amount} of your {seen.limit} {seen.noun} a month; {left} until the month ends.",
        details={
            **as_meta(seen),
            "requested": amount,
            "resetsAt": resets_at,
            "upgradeUrl": "/usage/plans/",
            **({"topUpUrl": "/usage/plans/#top-ups"} if sells else {}),
            "alternatives": alternatives,
        },
    )


def settle(source_id: UUID, units: int, reason: str = "") -> bool:
    """End a hold: `units` (at most what is held) count as used, the rest is free again; False when it ended already.

    The periods are those the hold was taken in, even after that month is over.
    """
    with transaction.atomic():
        rows = list(
            Reservation.objects.select_for_update()
            .filter(source_id=source_id, state=Reservation.State.HELD)
            .only("id", "amount", "period_id", "key_day_id")
            .order_by("id")
        )
        left = max(units, 0)
        for held in rows:
            used = min(left, held.amount)
            left -= used
            _end(held, used, reason)
        if rows and rows[0].key_day_id:
            unspend(rows[0].key_day_id, sum(row.amount for row in rows) - (max(units, 0) - left))
    return bool(rows)


def _end(held: Reservation, used: int, reason: str) -> None:
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


def release(source_id: UUID, reason: str = "") -> bool:
    """End a hold without charge; False when it has ended already."""
    return settle(source_id, 0, reason)


def release_expired() -> int:
    """Release holds without a job that nobody ended in time; returns how many."""
    late = Reservation.objects.filter(state=Reservation.State.HELD, expires_at__lt=Now()).values_list(
        "source_id", flat=True
    )
    return sum(release(source_id, "never finished") for source_id in set(late[:500]))
