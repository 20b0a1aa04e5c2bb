"""What people and rooms may ask of jobs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from kapture.audit.services import record
from kapture.core.errors import Conflict
from kapture.core.ids import new_id
from kapture.jobs import kinds
from kapture.jobs.errors import JobStopped
from kapture.jobs.lanes import Lane
from kapture.jobs.lifecycle import announce, ending
from kapture.jobs.models import Job, JobEvent, State


def enqueue(
    owner: Any,
    kind: str,
    payload: dict[str, Any],
    *,
    job_id: UUID | None = None,
    title: str = "",
    subject_id: UUID | None = None,
    run_after: datetime | None = None,
    lane: Lane = Lane.NORMAL,
) -> Job:
    """Add a job in the caller's transaction; the dispatcher hears of it when that commits.

    The time it may take counts from `run_after`, where that is given.
    """
    registered = kinds.find(kind)
    if registered is None:
        raise ValueError(f"unknown job kind {kind!r}")
    with transaction.atomic():
        job = Job(
            id=job_id or new_id(),
            owner=owner,
            kind=kind,
            payload=payload,
            title=title[:300],
            subject_id=subject_id,
            max_attempts=registered.max_attempts,
            lane=lane,
            deadline_at=(run_after or Now()) + registered.deadline,
        )
        if run_after is not None:
            job.run_after = run_after
        job.save(force_insert=True)
        job.refresh_from_db()
        JobEvent.objects.create(job=job, what="queued")
        announce()
    return job


def cancel(job: Job, actor: Any) -> Job:
    """Ask a job to stop: a waiting one ends at once, a running one at its next step; `Conflict` when it ended."""
    with transaction.atomic():
        record(actor, "jobs.cancel_requested", job, kind=job.kind)
        try:
            with ending(job, State.CANCELLED, Job.objects.filter(state=State.QUEUED), note="cancelled by its owner"):
                return job
        except JobStopped:
            asked = Job.objects.filter(pk=job.pk, state=State.RUNNING).update(
                cancel_requested=True, stage="Stopping", updated_at=Now()
            )
            if not asked:
                raise Conflict("This job has already ended.") from None
    job.refresh_from_db()
    return job


def retry(job: Job, actor: Any) -> Job:
    """Ask for the same again as a new job; raises `Conflict` unless the old one failed or was cancelled."""
    kind = kinds.find(job.kind)
    if job.state not in (State.FAILED, State.CANCELLED) or kind is None or kind.retry is None:
        raise Conflict("Only a failed or cancelled job can be tried again.")
    return kind.retry(actor, job)
