"""Pausing jobs, going on with them, and starting one before its turn.

Each is one UPDATE that names the state it moves from: asked twice it does once, and against the end of a job it loses.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from kapture.audit.services import record
from kapture.core.errors import Conflict
from kapture.jobs import kinds
from kapture.jobs.lanes import Lane
from kapture.jobs.lifecycle import announce
from kapture.jobs.models import ACTIVE, Job, JobEvent, JobQuerySet, State

# The time a job may take stands still while it is paused.
_STRETCHED = Coalesce(F("deadline_at") + (Now() - F("held_at")), F("deadline_at"))
ENDED = "This job has already ended."


def pause(job: Job, actor: Any) -> Job:
    """Hold a waiting job, or ask a running one to go back into the queue and wait there; `Conflict` when it ended.

    A start that was interrupted so is not counted, and the work begins anew when the job goes on.
    """
    _check_pausable(job.kind)
    with transaction.atomic():
        one = Job.objects.filter(pk=job.pk, held_at=None, cancel_requested=False)
        if _hold(one.filter(state=State.QUEUED)) or _ask(one.filter(state=State.RUNNING)):
            _tell(job, actor, "paused")
        elif not Job.objects.filter(pk=job.pk, state__in=ACTIVE).exists():
            raise Conflict(ENDED)
    job.refresh_from_db()
    return job


def resume(job: Job, actor: Any) -> Job:
    """Let a paused job go on in its lane; nothing changes for one that is not paused; `Conflict` when it ended."""
    with transaction.atomic():
        if _go_on(Job.objects.filter(pk=job.pk, state__in=ACTIVE)):
            _tell(job, actor, "resumed")
            announce()
        elif not Job.objects.filter(pk=job.pk, state__in=ACTIVE).exists():
            raise Conflict(ENDED)
    job.refresh_from_db()
    return job


def start_now(job: Job, actor: Any) -> Job:
    """Put a waiting, paused or night job before all others of its owner; `Conflict` when it ended.

    One that runs goes on. How many of a kind run at once stays as it is: it takes the next place that becomes free.
    """
    with transaction.atomic():
        waiting = Job.objects.filter(pk=job.pk, state=State.QUEUED).exclude(
            lane=Lane.NOW, held_at=None, run_after__lte=Now()
        )
        moved = waiting.update(
            lane=Lane.NOW, run_after=Now(), deadline_at=_STRETCHED, held_at=None, updated_at=Now()
        ) or _go_on(Job.objects.filter(pk=job.pk, state=State.RUNNING))
        if moved:
            _tell(job, actor, "hurried")
            announce()
        elif not Job.objects.filter(pk=job.pk, state__in=ACTIVE).exists():
            raise Conflict(ENDED)
    job.refresh_from_db()
    return job


def pause_all(owner: Any, kind: str) -> int:
    """Pause every job of a kind that somebody has under way or waiting; returns how many."""
    _check_pausable(kind)
    with transaction.atomic():
        rows = Job.objects.for_user(owner).filter(kind=kind, state__in=ACTIVE, held_at=None, cancel_requested=False)
        found = _locked(rows)
        _hold(Job.objects.filter(pk__in=found, state=State.QUEUED))
        _ask(Job.objects.filter(pk__in=found, state=State.RUNNING))
        return _tell_all(owner, "paused", found, kind)


def resume_all(owner: Any, kind: str) -> int:
    """Let every paused job of a kind go on; returns how many."""
    with transaction.atomic():
        rows = Job.objects.for_user(owner).filter(kind=kind, state__in=ACTIVE, held_at__isnull=False)
        found = _locked(rows)
        _go_on(Job.objects.filter(pk__in=found))
        announce()
        return _tell_all(owner, "resumed", found, kind)


def _check_pausable(name: str) -> None:
    kind = kinds.find(name)
    if kind is None or not kind.pausable:
        raise Conflict("This kind of work cannot be paused.")


def _hold(rows: JobQuerySet) -> int:
    """Hold waiting jobs; a message that is under way finds nothing to claim, so their place is free."""
    return rows.update(held_at=Now(), dispatched_at=None, updated_at=Now())


def _ask(rows: JobQuerySet) -> int:
    return rows.update(held_at=Now(), stage="Pausing", updated_at=Now())


def _go_on(rows: JobQuerySet) -> int:
    return rows.filter(held_at__isnull=False).update(deadline_at=_STRETCHED, held_at=None, stage="", updated_at=Now())


def _locked(rows: JobQuerySet) -> list[Any]:
    """The ids of rows, locked in the order in which the dispatcher locks them."""
    return list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))


def _tell(job: Job, actor: Any, what: str) -> None:
    JobEvent.objects.create(job=job, what=what, attempt=job.attempt)
    record(actor, f"jobs.{what}", job, kind=job.kind)


def _tell_all(owner: Any, what: str, found: Iterable[Any], kind: str) -> int:
    events = [JobEvent(job_id=pk, what=what) for pk in found]
    JobEvent.objects.bulk_create(events, batch_size=1000)
    if events:
        record(owner, f"jobs.{what}_all", kind=kind, count=len(events))
    return len(events)
