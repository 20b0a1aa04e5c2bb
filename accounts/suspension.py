"""Shutting somebody out, and letting them in again; everything they have stays."""

from contextlib import suppress
from typing import Any

from django.db import transaction

from accounts.models import Closing, User
from accounts.notifications import notify
from accounts.reasons import checked
from accounts.sessions import end_others
from kapture.audit.services import record
from kapture.core.errors import Conflict, Forbidden
from kapture.jobs.models import Job
from kapture.jobs.services import cancel

PERMISSION = "accounts.suspend_user"


def suspend(actor: Any, user: User, reason: str) -> None:
    """Shut somebody out at once: sign-in, sessions, keys and work in progress, in one transaction.

    Raises `Forbidden` for oneself and (unless a superuser asks) for staff, `Conflict` when they are out already, and
    `InvalidInput` for a reason that says too little. The person reads the reason.
    """
    _may(actor, user)
    reason = checked(reason)
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            raise Conflict("This account is suspended or closed already.")
        end_others(user, keep=None, actor=actor)
        for job in Job.objects.filter(owner=user).active():
            with suppress(Conflict):  # it ended in this moment
                cancel(job, actor)
        record(actor, "accounts.suspended", user, reason=reason)
        notify(user, "accounts.suspended", "Your account is suspended", body=f"The reason: {reason}", mail=True)


def restore(actor: Any, user: User, reason: str) -> None:
    """Let somebody in again; their keys work as before, and work that was cancelled stays so.

    Raises as `suspend` does, and `Conflict` for an account that was closed for good.
    """
    _may(actor, user)
    reason = checked(reason)
    with transaction.atomic():
        if Closing.objects.filter(user=user).exists():
            raise Conflict("This account was closed for good.")
        if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            raise Conflict("This account is not suspended.")
        record(actor, "accounts.restored", user, reason=reason)
        notify(user, "accounts.restored", "Your account is open again", body=f"The reason: {reason}", mail=True)


def _may(actor: Any, user: User) -> None:
    if actor.pk == user.pk:
        raise Forbidden("Nobody suspends themselves.")
    if (user.is_staff or user.is_superuser) and not actor.is_superuser:
        raise Forbidden("Only a superuser suspends staff.")
