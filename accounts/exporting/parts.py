"""What accounts and the ground floor add to somebody's export. The parts of other rooms are in their `exporting`."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db.models import Q

from accounts.closing.traces import events_naming
from accounts.exporting.register import Row, register
from accounts.exporting.rows import CHUNK, register_table
from accounts.models import ApiKey, DataExport, Impersonation, Notification, User
from kapture.audit.models import AuditEvent
from kapture.jobs.models import Job, JobEvent

OF_WORKERS = ("fence", "lease_until", "dispatched_at")


def register_all() -> None:
    """Enter the rows into the register of exports."""
    register_table("profile", User, "pk", about="Your account.", without=["password"])
    register_table("addresses", EmailAddress, "user", about="Your e-mail addresses.")
    about = "Browsers that were signed in, and from where."
    register_table("sessions", UserSession, "user", about=about, without=["session_key"])
    register_table("api_keys", ApiKey, "owner", about="API keys, without their secrets.", without=["digest"])
    register_table("notifications", Notification, "owner", about="What we told you.")
    about = "When staff looked at the product as you, and why."
    register_table("looks_of_staff", Impersonation, "user", about=about, without=["staff"])
    register_table("exports", DataExport, "owner", about="Exports like this one.")
    about = "Long work: what was asked for and how it ended."
    register_table("jobs", Job, "owner", about=about, without=OF_WORKERS)
    register_table("job_events", JobEvent, "job__owner", about="Steps in the life of long work.")
    register("audit_events", _audit, about="What was done, by you, by staff or by kapture itself.")
    register("clerk_events", _clerk_events, about="What Clerk told us about you.")


def _clerk_events(user: Any) -> Iterator[Row]:
    if user.clerk_id:
        yield from events_naming("clerk", user.clerk_id, user)


def _audit(user: Any) -> Iterator[Row]:
    """Events by the person and about their account; of what members of the staff did to others only that they did."""
    works_here = user.is_staff or user.is_superuser or LogEntry.objects.filter(user=user).exists()
    label = User._meta.label_lower
    events = AuditEvent.objects.filter(Q(actor=user) | Q(subject_type=label, subject_id=str(user.pk)))
    for event in events.order_by("pk").iterator(chunk_size=CHUNK):
        is_own = not works_here or (event.subject_type, event.subject_id) == (label, str(user.pk))
        told = {"subjectType": event.subject_type, "subjectId": event.subject_id, "data": event.data} if is_own else {}
        by = "you" if event.actor_id == user.pk else "kapture" if event.actor_id is None else "staff"
        yield {"id": event.pk, "createdAt": event.created_at, "by": by, "action": event.action, **told}
