"""A job kind that does what its payload says."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import F
from django.utils import timezone

from kapture.core.errors import VendorFailed
from kapture.jobs import kinds
from kapture.jobs.errors import JobFailed, JobStopped, Stop
from kapture.jobs.models import Job
from kapture.jobs.run import Run
from kapture.jobs.services import enqueue

abandoned: list[Job] = []


def finish(run: Run) -> None:
    run.report(0.5, "Half way", speed=2_000_000, eta=65)
    with run.finish({"answer": 42}, units=run.payload.get("units", 1)):
        pass


def fail(run: Run) -> None:
    raise JobFailed("broken", "It is broken.", remedy="Mend it.", retryable=bool(run.payload.get("retryable")))


def vendor(run: Run) -> None:
    raise VendorFailed("apify", "timeout", "It did not answer.", retryable=True)


def crash(run: Run) -> None:
    raise ZeroDivisionError


def overrun(run: Run) -> None:
    raise SoftTimeLimitExceeded


def heed(run: Run) -> None:
    run.beat()
    run.check()


def report(run: Run) -> None:
    run.report(0.5)


def leave(run: Run) -> None:
    raise JobStopped(Stop.CANCELLED)


WAYS: dict[str, Callable[[Run], None]] = {
    "finish": finish,
    "fail": fail,
    "vendor": vendor,
    "raise": crash,
    "forget": lambda run: None,
    "overrun": overrun,
    "heed": heed,
    "report": report,
    "leave": leave,
}


def perform(run: Run) -> None:
    """Do what the payload says, after the job was cancelled or lost if it says so."""
    if run.payload.get("first") == "cancelled":
        Job.objects.filter(pk=run.job.pk).update(cancel_requested=True)
    if run.payload.get("first") == "lost":
        taken_over(run.job)
    WAYS[run.payload.get("do", "finish")](run)


def taken_over(job: Job) -> None:
    """Let another worker own the job, as after a pause that was longer than the lease."""
    later = timezone.now() + timedelta(minutes=5)
    Job.objects.filter(pk=job.pk).update(fence=F("fence") + 1, lease_until=later)


def again(actor: object, job: Job) -> Job:
    """The same work once more."""
    return enqueue(actor, "test.work", {}, title=job.title)


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    kinds.register(
        kinds.JobKind(
            name="test.work", label="Work", queue="default", perform=perform, abandon=abandoned.append, retry=again
        )
    )
    abandoned.clear()
    yield
    kinds._kinds.pop("test.work")
