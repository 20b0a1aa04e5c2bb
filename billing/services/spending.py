"""What an API key with a cap spent today."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from billing.models import KeyDay
from kapture.core.choices import UsageKind
from kapture.core.context import acting_key
from kapture.core.errors import UsageExceeded
from kapture.core.ids import new_id

SPEND = """
    INSERT INTO billing_keyday AS d (id, created_at, updated_at, key_id, day, spent)
    SELECT %(id)s, now(), now(), %(key)s, (now() AT TIME ZONE 'UTC')::date, %(amount)s WHERE %(amount)s <= %(cap)s
    ON CONFLICT (key_id, day) DO UPDATE SET spent = d.spent + %(amount)s, updated_at = now()
    WHERE d.spent + %(amount)s <= %(cap)s
    RETURNING id, key_id, day, spent
"""


def spend(kind: UsageKind, amount: int) -> KeyDay | None:
    """Count units against the cap of the key that acts, if it has one; raises `UsageExceeded` above it.

    As with a month's limit, one statement checks and takes.
    """
    key = acting_key.get()
    if key is None or key.daily_cap is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(SPEND, {"id": new_id(), "key": key.pk, "amount": amount, "cap": key.daily_cap})
        row = cursor.fetchone()
    if row is None:
        raise _refusal(key.pk, kind, amount, key.daily_cap)
    return KeyDay(id=row[0], key_id=row[1], day=row[2], spent=row[3])


def over_cap(kind: UsageKind, amount: int) -> UsageExceeded | None:
    """The refusal of so many units at once, if the cap of the key that acts does not hold them; nothing is taken."""
    key = acting_key.get()
    if key is None or key.daily_cap is None:
        return None
    refusal = _refusal(key.pk, kind, amount, key.daily_cap)
    return refusal if refusal.details["remaining"] < amount else None


def unspend(key_day_id: UUID, units: int) -> None:
    """Give back what was held and not charged."""
    if units:
        KeyDay.objects.filter(pk=key_day_id).update(spent=F("spent") - units, updated_at=Now())


def _refusal(key_id: UUID, kind: UsageKind, amount: int, cap: int) -> UsageExceeded:
    now = datetime.now(UTC)
    spent = KeyDay.objects.filter(key_id=key_id, day=now.date()).values_list("spent", flat=True).first() or 0
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    alternatives = ["Wait until midnight UTC.", "Raise the cap of this key in the settings, or use another key."]
    if spent < cap:
        alternatives.insert(0, f"Ask for {cap - spent} or fewer now.")
    return UsageExceeded(
        f"This needs {amount}; this key may spend {cap} units a day and has spent {spent}.",
        details={
            "type": kind.value,
            "current": spent,
            "limit": cap,
            "remaining": max(0, cap - spent),
            "requested": amount,
            "resetsAt": midnight,
            "upgradeUrl": "/settings/keys/",
            "alternatives": alternatives,
        },
    )
