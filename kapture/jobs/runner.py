"""Claim a job, perform it, and see to it that it ends in exactly one way."""

import logging
import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db.models.functions import Now

from kapture.core import context
from kapture.core.crash import crashpoint
from kapture.core.errors import DomainError
from kapture.jobs import kinds, lifecycle
from kapture.jobs.errors import JobFailed, JobStopped, Stop
from kapture.jobs.models import Job, State
from kapture.jobs.run import Heartbeat, Run

logger = logging.getLogger(__name__)
LONGEST_WAIT = timedelta(minutes=10)
PARKED = timedelta(minutes=1)
HELD_AT_MOST = timedelta(days=30)
# Stops after which the job is in the queue again, with no attempt counted.
BACK = {Stop.PAUSED: "paused", Stop.LEAVING: "the worker ended"}


def run_job(job_id: UUID, *, by_message: bool = False) -> None:
    """Do one attempt; a doubled or late message finds nothing to claim and returns.

    What comes `by_message` is done only if the dispatcher gave it a place, for kinds that limit how many run at once.
    """
    name = Job.objects.filter(pk=job_id).values_list("kind", flat=True).first()
    kind = kinds.find(name or "")
    if kind is None:
        # Written by another release: it waits for a worker that knows it, and no start is counted.
        waiting = Job.objects.filter(pk=job_id, state=State.QUEUED)
        waiting.update(run_after=Now() + PARKED, dispatched_at=None)
        return
    job = lifecycle.claim(job_id, sent=by_message and kind.limits is not None)
    if job is None:
        return
    token = context.job_id.set(str(job.pk))
    run = Run(job)
    try:
        with Heartbeat(run):
            crashpoint("jobs.claimed")
            _perform(run, kind)
    finally:
        context.job_id.reset(token)


def _perform(run: Run, kind: kinds.JobKind) -> None:
    try:
        kind.perform(run)
        if not run.finished:
            raise RuntimeError(f"{kind.name} returned without finishing")
    except JobStopped as stop:
        _leave(run, stop.why)
    except JobFailed as failure:
        _give_up(run, failure)
    except DomainError as error:
        retryable = getattr(error, "retryable", error.status == 503)
        _give_up(
            run,
            JobFailed(
                getattr(error, "reason", error.code.lower()),
                error.message,
                retryable=retryable,
                retry_after=error.retry_after,
            ),
        )
    except SoftTimeLimitExceeded:
        _leave(run, Stop.DEADLINE)
    except Exception:  # whatever nobody foresaw, the job must still end in a named state
        logger.exception("job %s (%s) broke", run.job.pk, kind.name)
        _give_up(run, JobFailed("internal_error", "Something broke on our side.", retryable=True))


def _leave(run: Run, why: Stop) -> None:
    """Answer a stop; a lost lease means somebody else answers for the job.

    A job that was cancelled while it was about to go back to the queue ends as cancelled.
    """
    rows = lifecycle.held_by(run.job)
    if why is Stop.LOST:
        logger.warning("job %s was taken over", run.job.pk)
        return
    if (note := BACK.get(why)) and lifecycle.requeue(run.job, rows, after=timedelta(0), note=note, counted=False):
        return
    if why is Stop.DEADLINE:
        ended = _end(run.job, rows, "deadline", "It took longer than it may.", "Try again later.")
    else:
        ended = _cancel(run.job, rows)
    if not ended:
        logger.warning("job %s ended elsewhere", run.job.pk)


def _give_up(run: Run, failure: JobFailed) -> None:
    job, rows = run.job, lifecycle.held_by(run.job)
    if failure.retryable and not run.is_last:
        after = backoff(job.attempt, failure.retry_after)
        # A platform may end what the work needs together with the worker.
        if not lifecycle.requeue(job, rows, after=after, note=failure.code, counted=not run.is_left):
            _leave(run, Stop.CANCELLED)
    elif not _end(job, rows, failure.code, failure.message, failure.remedy):
        logger.warning("job %s ended elsewhere", job.pk)


def backoff(attempt: int, retry_after: float | None) -> timedelta:
    """Wait before the next attempt: what the vendor asked for, else base * 4^(attempt-1) with 25 % jitter."""
    if retry_after is not None:
        return min(timedelta(seconds=retry_after), LONGEST_WAIT)
    wait: timedelta = settings.JOB_RETRY_BASE * 4 ** (attempt - 1)
    return min(wait * random.uniform(0.75, 1.25), LONGEST_WAIT)


def reap(limit: int = 100) -> int:
    """Answer for jobs whose owner vanished, whose deadline passed unclaimed, or that were paused for too long.

    Returns how many were moved.
    """
    gone = Job.objects.filter(state=State.RUNNING, lease_until__lt=Now())
    late = Job.objects.filter(state=State.QUEUED, held_at=None, deadline_at__lt=Now())
    forgotten = Job.objects.filter(state=State.QUEUED, held_at__lt=Now() - HELD_AT_MOST)
    moved = 0
    for job in gone.order_by("lease_until")[:limit]:
        # Only the owner that was seen to vanish: had a worker claimed it since, its fence would have moved.
        rows = Job.objects.filter(state=State.RUNNING, lease_until__lt=Now(), fence=job.fence)
        moved += _carefully(job, partial(_answer_for, job, rows))
    for job in late.order_by("run_after")[:limit]:
        too_late = partial(_end, job, late, "deadline", "It waited longer than it may.", "Try again later.")
        moved += _carefully(job, too_late)
    for job in forgotten.order_by("held_at")[:limit]:
        given_up = partial(_end, job, forgotten, "paused_too_long", "It was paused for 30 days.", "Ask for it again.")
        moved += _carefully(job, given_up)
    return moved


def _carefully(job: Job, answer: Callable[[], bool]) -> bool:
    """Let no room's tidying of one job keep the reaper from the others; what broke is tried again next round."""
    try:
        return answer()
    except Exception:  # as above: one broken room must not leave every other job without an end
        logger.exception("job %s (%s) cannot be ended", job.pk, job.kind)
        return False


def _answer_for(job: Job, rows: lifecycle.Rows) -> bool:
    if job.cancel_requested:
        return _cancel(job, rows)
    if job.attempt >= job.max_attempts:
        return _end(job, rows, "worker_lost", f"The worker stopped {job.attempt} times while doing this.", "")
    return lifecycle.requeue(job, rows, after=timedelta(0), note="worker lost")


def _end(job: Job, rows: lifecycle.Rows, code: str, message: str, remedy: str) -> bool:
    """Fail a job; False when somebody else moved it first."""
    try:
        lifecycle.fail(job, rows, code=code, message=message, remedy=remedy)
    except JobStopped:
        return False
    return True


def _cancel(job: Job, rows: lifecycle.Rows) -> bool:
    """Cancel a job; False when somebody else moved it first."""
    try:
        with lifecycle.ending(job, State.CANCELLED, rows, note="cancelled by its owner"):
            return True
    except JobStopped:
        return False
