"""The beginning and the end of a look; each is on record in the transaction that makes it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least, Now
from django.utils import timezone

from accounts.models import Impersonation, User
from accounts.notifications import notify
from accounts.reasons import checked
from kapture.audit.services import record
from kapture.core.errors import Forbidden

PERMISSION = "accounts.impersonate_user"
LASTS = timedelta(minutes=30)
STOPPED, OVERDUE, REFUSED = "stopped", "time is up", "no longer allowed"


def why_not(staff: Any, user: User) -> str:
    """Why somebody may not look as a person; empty when they may."""
    if not (staff.is_active and staff.is_staff and staff.has_perm(PERMISSION)):
        return "You may not look as other people."
    if user.is_staff or user.is_superuser:
        return "Nobody looks as staff."
    if not user.is_active:
        return "This account is suspended or closed."
    return ""


def start(staff: User, user: User, reason: str) -> Impersonation:
    """Begin a look and tell the person; raises `Forbidden`, or `InvalidInput` for a reason that says too little."""
    if refusal := why_not(staff, user):
        raise Forbidden(refusal)
    reason = checked(reason)
    with transaction.atomic():
        look = Impersonation.objects.create(staff=staff, user=user, reason=reason)
        record(staff, "accounts.impersonation_started", user, impersonation=str(look.pk), reason=reason)
        notify(
            user,
            "accounts.impersonated",
            "Staff look at your account",
            body=f"They see what you see and can change nothing. Their reason: {reason}",
            path="/settings/access/",
            mail=user.mails_account,
        )
    return look


def running(pk: UUID | str, staff: Any) -> tuple[Impersonation | None, str]:
    """The look of that id, if it still goes on and is this person's; else None and why it has ended.

    One whose time is up, or that would not be allowed any more, is ended by this.
    """
    look = Impersonation.objects.select_related("user", "staff").filter(pk=pk, ended_at=None).first()
    if look is None or look.staff_id != staff.pk:
        return None, STOPPED
    why = OVERDUE if look.created_at + LASTS <= timezone.now() else REFUSED if why_not(staff, look.user) else ""
    if why:
        end(look, None, why)
        return None, why
    return look, ""


def end(look: Impersonation, actor: Any, why: str) -> bool:
    """End a look, once; False when it has ended already. None as actor stands for the machine."""
    with transaction.atomic():
        ended_at = Least(Now(), F("created_at") + LASTS)
        ended = Impersonation.objects.filter(pk=look.pk, ended_at=None).update(ended_at=ended_at, updated_at=Now())
        if ended:
            record(actor, "accounts.impersonation_ended", look.user, impersonation=str(look.pk), why=why)
    return bool(ended)


def end_overdue() -> int:
    """End looks that nobody stopped in time; returns how many."""
    late = Impersonation.objects.select_related("user").filter(ended_at=None, created_at__lte=Now() - LASTS)
    return sum(end(look, None, OVERDUE) for look in late[:500])
