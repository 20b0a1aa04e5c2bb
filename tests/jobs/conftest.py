"""A job kind that does what its payload says."""

from collections.abc import Iterator
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


def perform(run: Run) -> None:
    match run.payload.get("do", "finish"):
        case "finish":
            run.report(0.5, "Half way", speed=2_000_000, eta=65)
            with run.finish({"answer": 42}, units=run.payload.get("units", 1)):
                pass
        case "fail":
            raise JobFailed("broken", "It is broken.", remedy="Mend it.")
        case "vendor":
            raise VendorFailed("apify", "timeout", "It did not answer.", retryable=True)
        case "raise":
            raise ZeroDivisionError
        case "forget":
            return
        case "stop":
            Job.objects.filter(pk=run.job.pk).update(cancel_requested=True)
            run.beat()
            run.check()
        case "stop at report":
            Job.objects.filter(pk=run.job.pk).update(cancel_requested=True)
            run.report(0.5)
        case "fail while stopping":
            Job.objects.filter(pk=run.job.pk).update(cancel_requested=True)
            raise VendorFailed("apify", "timeout", "It did not answer.", retryable=True)
        case "overrun":
            raise SoftTimeLimitExceeded
        case "lose":
            taken_over(run.job)
            run.beat()
            run.check()
        case "lose and fail":
            taken_over(run.job)
            raise JobFailed("broken", "It is broken.")
        case "lose and fail for now":
            taken_over(run.job)
            raise JobFailed("broken", "It is broken.", retryable=True)
        case "lose and stop":
            taken_over(run.job)
            raise JobStopped(Stop.CANCELLED)


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
        kinds.JobKind(name="test.work", label="Work", queue="default", perform=perform, abandon=abandoned.append, retry=again)
    )
    abandoned.clear()
    yield
    kinds._kinds.pop("test.work")
