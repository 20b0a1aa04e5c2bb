"""The moves of a job: each is one UPDATE that names the state (and owner) it moves from, so only one caller can win."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, DateTimeField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Now

from kapture.jobs import kinds
from kapture.jobs.errors import JobStopped, Stop
from kapture.jobs.models import Job, JobEvent, State

Rows = QuerySet[Job]
CHANNEL = "kapture_jobs"

# Called as hook(job, units) in the terminal transaction of each job; billing settles reservations here.
ended_hooks: list[Callable[[Job, int], None]] = []


def announce() -> None:
    """Wake the dispatcher when (and only when) the current transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def claim(job_id: UUID, *, sent: bool = False) -> Job | None:
    """Become the owner of a due job, or of one whose owner's lease ran out; None when there is nothing to own.

    With `sent` a waiting job is taken only while it occupies a place: an old message must not start it beside others.
    """
    waiting = Q(state=State.QUEUED, run_after__lte=Now(), held_at=None)
    if sent:
        waiting &= Q(dispatched_at__isnull=False)
    due = waiting | Q(state=State.RUNNING, lease_until__lt=Now(), held_at=None)
    with transaction.atomic():
        claimed = Job.objects.filter(
            due, pk=job_id, attempt__lt=F("max_attempts"), deadline_at__gt=Now(), cancel_requested=False
        ).update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            fence=F("fence") + 1,
            lease_until=Now() + settings.JOB_LEASE,
            started_at=Coalesce("started_at", Now()),
            updated_at=Now(),
        )
        if not claimed:
            return None
        job = Job.objects.get(pk=job_id)
        JobEvent.objects.create(job=job, what="started", attempt=job.attempt)
        return job


def held_by(job: Job) -> Rows:
    """The row, if this owner still has it."""
    return Job.objects.filter(pk=job.pk, fence=job.fence, state=State.RUNNING)


@contextmanager
def ending(job: Job, state: State, rows: Rows, *, units: int = 0, note: str = "", **fields: Any) -> Iterator[None]:
    """End a job: its state, its reservation and the caller's own writes, all or nothing.

    `rows` says from where it may move; raises `JobStopped(LOST)` when somebody else moved it first.
    """
    known = job.fence, job.state
    try:
        with transaction.atomic():
            moved = rows.filter(pk=job.pk).update(
                state=state,
                finished_at=Now(),
                updated_at=Now(),
                lease_until=None,
                held_at=None,
                fence=F("fence") + 1,
                **fields,
            )
            if not moved:
                raise JobStopped(Stop.LOST)
            job.refresh_from_db()
            JobEvent.objects.create(job=job, what=state.value, attempt=job.attempt, terminal=True, note=note[:300])
            for hook in ended_hooks:
                hook(job, units)
            if state is not State.COMPLETED:
                kind = kinds.find(job.kind)
                if kind is not None:
                    kind.abandon(job)
            yield
            # A place is free.
            announce()
    except BaseException:
        # All of it was undone, so the row in hand is again the one that its owner holds.
        job.fence, job.state = known
        raise


def fail(job: Job, rows: Rows, *, code: str, message: str, remedy: str = "") -> None:
    """End a job as failed with a named reason."""
    with ending(job, State.FAILED, rows, error_code=code, error_message=message, remedy=remedy, note=code):
        pass


def requeue(job: Job, rows: Rows, *, after: timedelta, note: str, counted: bool = True) -> bool:
    """Give a job back to the queue, to be started once more after a while; False when it moved or is to stop.

    Nobody may claim a job that is to stop, so in the queue it would wait for its deadline. One that was asked to pause
    is held from now on; a start that is not `counted` leaves as many attempts as there were.
    """
    held = Case(When(held_at__isnull=False, then=Now()), default=Value(None), output_field=DateTimeField())
    with transaction.atomic():
        moved = rows.filter(pk=job.pk, cancel_requested=False).update(
            state=State.QUEUED,
            run_after=Now() + after,
            attempt=F("attempt") - (0 if counted else 1),
            held_at=held,
            dispatched_at=None,
            lease_until=None,
            fence=F("fence") + 1,
            stage="",
            facts={},
            updated_at=Now(),
        )
        if moved:
            JobEvent.objects.create(job=job, what="requeued", attempt=job.attempt, note=note[:300])
            announce()
    return bool(moved)
