"""Units beyond the month, which stay until they are used."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.notifications import notify
from billing.models import UsagePeriod
from kapture.audit.services import record
from kapture.core.choices import UsageKind
from kapture.core.errors import InvalidInput
from kapture.core.ids import new_id

MOST = 1_000_000


def top_up(
    user: Any,
    kind: UsageKind,
    units: int,
    *,
    source: UsagePeriod.Source,
    source_id: str,
    actor: Any,
    reason: str = "",
) -> bool:
    """Give units once for `source_id` (what was paid or decided), in one transaction; False when it was done before."""
    if not 1 <= units <= MOST:
        raise InvalidInput({"units": [f"From 1 to {MOST:,} units."]})
    row = UsagePeriod(
        id=new_id(), user=user, kind=kind, source=source, source_id=source_id, starts_at=Now(), limit=units
    )
    with transaction.atomic():
        UsagePeriod.objects.bulk_create([row], ignore_conflicts=True)
        # The row with our own id is there only if this call made it.
        if not UsagePeriod.objects.filter(pk=row.pk).exists():
            return False
        why = {"reason": reason} if reason else {}
        record(actor, "billing.topped_up", row, kind=kind.value, units=units, source=source.value, **why)
        noun = str(kind.label) if kind == UsageKind.AI_GENERATION else str(kind.label).lower()
        notify(
            user,
            "billing.topped_up",
            f"{units:,} {noun} were added",
            body=f"{_sentence(reason)}They stay until they are used, also after the month ends.",
            path="/usage/",
        )
    return True


def _sentence(reason: str) -> str:
    """A reason as a whole sentence before the next one; empty for none."""
    text = reason.strip()
    return f"{text}{'' if text.endswith(('.', '!', '?', '…')) else '.'} " if text else ""
