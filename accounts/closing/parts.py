"""What accounts and the ground floor do when somebody leaves. The parts of other rooms are in their `leaving`."""

import logging
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from accounts.closing.register import Stage, keep, register
from accounts.closing.scrubbing import blank, erase, forget, scrub_rows
from accounts.closing.stopping import stop_jobs
from accounts.closing.traces import forget_events, forget_memory
from accounts.models import ApiKey, Closing, DataExport, Impersonation, Notification, User
from kapture.api.models import Replay
from kapture.audit.models import AuditEvent
from kapture.audit.services import record
from kapture.core.errors import VendorFailed
from kapture.gateways import identity
from kapture.gateways.storage import door
from kapture.jobs.models import Job
from kapture.objects.models import StoredObject
from kapture.web.models import SentForm

logger = logging.getLogger(__name__)
PAGE = 1_000


def leave_clerk(user: Any) -> None:
    """Delete the person at Clerk; one who is gone there is left so. Raises what the gateway raises.

    Where Clerk was switched off meanwhile there is nobody to ask any more, and what is here goes all the same.
    """
    if not user.clerk_id:
        return
    if not identity.is_on():
        logger.warning("clerk is off, so a user who leaves is not deleted there")
        record(None, "accounts.left_at_clerk", user)
        return
    identity.delete_user(user.clerk_id)


def erase_sessions(user: Any) -> None:
    """Delete every session, also those that nobody noted."""
    erase(UserSession.objects.filter(user=user))
    store = SessionStore()
    for session in Session.objects.iterator(chunk_size=1000):
        if store.decode(session.session_data).get(SESSION_KEY) == str(user.pk):
            Session.objects.filter(pk=session.pk).delete()


def erase_own(user: Any) -> None:
    """Delete the rows of accounts and of the two faces."""
    for model in (ApiKey, Notification, DataExport):
        erase(model.objects.filter(owner=user))
    erase(EmailAddress.objects.filter(user=user))
    erase(Replay.objects.filter(caller=user))
    erase(SentForm.objects.filter(sender=user))
    user.groups.clear()
    user.user_permissions.clear()


def erase_jobs(user: Any) -> None:
    """Delete what is known of work; the ledger names jobs by ids that lead nowhere from now on."""
    erase(Job.objects.filter(owner=user))


def erase_files(user: Any) -> None:
    """Delete every file with its row, and whatever else lies in the person's folder."""
    mine = StoredObject.objects.filter(owner=user)
    mine.update(state=StoredObject.State.DELETING)
    for row in mine.iterator(chunk_size=200):
        if not door().remove(row.key):
            raise VendorFailed("storage", "not_deleted", "The store kept a file it should delete.", retryable=True)
        forget(StoredObject, [row.pk])
        row.delete()
    _empty(f"u/{user.pk}")


def _empty(folder: str) -> None:
    """Delete all that lies in a folder of the store, also what no row knows."""
    after = f"{folder}/"
    while page := [entry.key for entry in door().entries(after, PAGE) if entry.key.startswith(f"{folder}/")]:
        for key in page:
            door().remove(key)
        after = page[-1]


def scrub_logs(user: Any) -> None:
    """Take details and reasons from what was noted about a person; that it was done, and when, stays."""
    scrub_rows(Impersonation.objects.filter(user=user), reason="")
    forget(User, [user.pk])
    blank(AuditEvent.objects.filter(actor=user))


def register_all() -> None:
    """Enter the parts; rooms use the numbers from 10 to 49, and billing, whose rows stay, those from 50."""
    register(Stage.STOP, "jobs_stopped", 10, stop_jobs)
    register(Stage.LEAVE, "clerk_left", 20, leave_clerk)
    register(Stage.ERASE, "sessions", 0, erase_sessions)
    register(Stage.ERASE, "accounts", 60, erase_own)
    register(Stage.ERASE, "jobs", 70, erase_jobs)
    register(Stage.ERASE, "files", 80, erase_files)
    register(Stage.ERASE, "events", 90, forget_events)
    register(Stage.ERASE, "logs", 95, scrub_logs)
    register(Stage.ERASE, "memory", 99, forget_memory)
    keep(Closing, "It says that the account was closed, and when.")
    keep(AuditEvent, "Staff must be able to tell what was done; who did it is a closed account.")
    keep(LogEntry, "What a member of the staff did to others, in the days when they were one.")
    keep(Impersonation, "That staff looked, and when, must not vanish; their reason does.")
