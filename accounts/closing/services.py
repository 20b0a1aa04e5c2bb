"""Asking for the end of an account."""

from enum import StrEnum
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.clerk.people import bury
from accounts.closing.farewell import say_goodbye
from accounts.closing.performing import KIND
from accounts.models import ApiKey, Closing, User
from accounts.reasons import checked
from accounts.sessions import end_others
from kapture.audit.services import record
from kapture.core.errors import Conflict
from kapture.core.ids import new_id
from kapture.jobs.models import Job
from kapture.jobs.services import enqueue

PERMISSION = "accounts.close_user"
STAFF = "This account belongs to the staff. Have its staff rights taken away first."


class Reason(StrEnum):
    """Who wanted an account to end."""

    PERSON = "person"
    STAFF = "staff"
    CLERK = "clerk"


def request_closing(user: User, *, actor: Any, reason: str, why: str = "") -> Job:
    """Lock an account for good and have all of it erased; asked again, the same job is answered.

    In one transaction: nobody can sign in, no session or key works any more, and no late news from Clerk brings the
    person back. Raises `Conflict` for members of the staff, unless Clerk says that the person is gone.
    """
    with transaction.atomic():
        if user.clerk_id:
            # First, because whoever takes in news of Clerk locks the person there before the row here.
            bury(user.clerk_id)
        locked = User.objects.select_for_update().get(pk=user.pk)
        known = Closing.objects.filter(user=locked).first()
        if known is not None:
            return Job.objects.get(pk=known.job_id)
        if (locked.is_staff or locked.is_superuser) and reason != Reason.CLERK:
            raise Conflict(STAFF)
        return _lock(locked, actor, reason, why)


def close_for(actor: Any, user: User, why: str) -> None:
    """Close an account in the place of its person, who cannot or asked for it another way; staff say why, on record.

    Raises `InvalidInput` for a reason that says too little, and `Conflict` for staff and for a closed account.
    """
    why = checked(why)
    with transaction.atomic():
        require_open(user)
        request_closing(user, actor=actor, reason=Reason.STAFF, why=why)


def _lock(user: User, actor: Any, reason: str, why: str) -> Job:
    User.objects.filter(pk=user.pk).update(is_active=False)
    ApiKey.objects.filter(owner=user, revoked_at=None).update(revoked_at=Now(), updated_at=Now())
    end_others(user, keep=None, actor=actor)
    closing = Closing(user=user, reason=reason, job_id=new_id())
    # The row of the job outlives the person, so it holds nothing of theirs, not even their id.
    job = enqueue(None, KIND, {}, job_id=closing.job_id, title="Closing of an account", subject_id=closing.pk)
    closing.save(force_insert=True)
    if reason == Reason.PERSON:
        transaction.on_commit(partial(say_goodbye, user.email))
    record(actor, "accounts.closing_requested", closing, reason=reason, **({"why": why} if why else {}))
    return job


def require_open(user: Any) -> None:
    """Raise `Conflict` for an account that was closed: nothing may be given to it any more, or news of it be kept."""
    if Closing.objects.filter(user_id=user.pk).exists():
        raise Conflict("This account was closed for good.")
