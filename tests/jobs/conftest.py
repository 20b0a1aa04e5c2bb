"""A job kind that does what its payload says."""

from collections.abc import Iterator

import pytest

from kapture.core.errors import VendorFailed
from kapture.jobs import kinds
from kapture.jobs.errors import JobFailed
from kapture.jobs.models import Job
from kapture.jobs.run import Run

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
            run.job.cancel_requested = True
            Job.objects.filter(pk=run.job.pk).update(cancel_requested=True)
            run.beat()
            run.check()


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    kinds.register(
        kinds.JobKind(name="test.work", label="Work", queue="default", perform=perform, abandon=abandoned.append)
    )
    abandoned.clear()
    yield
    kinds._kinds.pop("test.work")
