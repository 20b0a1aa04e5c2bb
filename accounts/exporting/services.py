"""Asking for an export, and the end of its file."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.exporting.performing import KIND
from accounts.models import DataExport, User
from kapture.audit.services import record
from kapture.core.errors import Conflict, RateLimited
from kapture.core.ids import new_id
from kapture.jobs.models import Job
from kapture.jobs.services import enqueue
from kapture.objects.services import discard, link

MOST_A_DAY = 3
DAY = timedelta(days=1)
TOO_MANY = f"At most {MOST_A_DAY} exports a day can be made. Try again later."


def request_export(user: User) -> DataExport:
    """Begin an export, free of charge; one that is being made is answered again.

    Raises `RateLimited` after three within a day.
    """
    with transaction.atomic():
        # Two requests at once must not begin two.
        User.objects.select_for_update().get(pk=user.pk)
        rows = DataExport.objects.for_user(user)
        running = rows.filter(job_id__in=Job.objects.for_user(user).active().filter(kind=KIND).values("pk")).first()
        if running is not None:
            return running  # type: ignore[no-any-return]  # managers of owned rows are untyped
        wait = wait_for_next(user)
        if wait is not None:
            raise RateLimited(TOO_MANY, retry_after=max(1, round(wait.total_seconds())))
        export = DataExport(owner=user, job_id=new_id())
        enqueue(user, KIND, {}, job_id=export.job_id, title="Export of your data", subject_id=export.pk)
        export.save(force_insert=True)
        record(user, "accounts.export_requested", export)
    return export


def wait_for_next(user: Any) -> timedelta | None:
    """How long somebody has to wait for another export; None when they need not."""
    now = timezone.now()
    rows = DataExport.objects.for_user(user).filter(created_at__gt=now - DAY).order_by("-created_at")
    recent = list(rows.values_list("created_at", flat=True)[:MOST_A_DAY])
    return recent[-1] + DAY - now if len(recent) >= MOST_A_DAY else None


def retry_export(user: User, job: Job) -> Job:
    """The job face of `request_export`."""
    return Job.objects.get(pk=request_export(user).job_id)


def export_link(export: DataExport) -> str:
    """A short-lived address of the file; raises `Conflict` while there is none, or when it has expired."""
    if export.stored is None or export.expires_at is None or export.expires_at <= timezone.now():
        raise Conflict("The file of this export is not there (any more).")
    return link(export.stored, filename=f"kapture-export-{export.created_at:%Y-%m-%d}.zip", inline=False)


def expire_exports() -> int:
    """Discard the files of exports whose time is over; answers how many."""
    over = DataExport.objects.filter(expires_at__lte=timezone.now(), stored__isnull=False).select_related("stored")
    expired = list(over[:500])
    for export in expired:
        with transaction.atomic():
            if export.stored is not None and DataExport.objects.filter(pk=export.pk).update(stored=None):
                discard(export.stored)
    return len(expired)
