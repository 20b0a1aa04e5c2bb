"""A worker that is told to end gives its jobs back: none waits for a lease, and no attempt is used up."""

import mmap
import os

import pytest

from accounts.models import User
from kapture.core import leaving
from kapture.jobs.errors import JobStopped, Stop
from kapture.jobs.models import Job, State
from kapture.jobs.run import Run
from kapture.jobs.runner import run_job
from kapture.jobs.services import enqueue
from tests.jobs.conftest import WAYS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _mark_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "_mark", mmap.mmap(-1, 1))


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[Stop]:
    """What work that waits is told; a kind of work of these tests."""
    heard: list[Stop] = []

    def wait(run: Run) -> None:
        assert run.stopped.wait(60)
        try:
            run.check()
        except JobStopped as stop:
            heard.append(stop.why)
            raise

    monkeypatch.setitem(WAYS, "wait", wait)
    return heard


def done(user: User, **payload: object) -> Job:
    job = enqueue(user, "test.work", payload)
    run_job(job.pk)
    job.refresh_from_db()
    return job


def test_what_one_process_is_told_all_of_its_kind_know() -> None:
    assert not leaving.is_leaving()
    child = os.fork()
    if child == 0:
        leaving.leave()
        os._exit(0)
    os.waitpid(child, 0)
    assert leaving.is_leaving()


def test_a_job_goes_back_to_the_queue_and_no_attempt_is_counted(alice: User, told: list[Stop]) -> None:
    leaving.leave()
    job = done(alice, do="wait")
    assert (job.state, job.attempt, job.lease_until, job.dispatched_at) == (State.QUEUED, 0, None, None)
    assert [(event.what, event.note) for event in job.events.all()][-1] == ("requeued", "the worker ended")
    assert told == [Stop.LEAVING]


def test_a_job_that_ends_before_it_hears_of_it_has_ended(alice: User) -> None:
    leaving.leave()
    assert done(alice).state == State.COMPLETED


@pytest.mark.parametrize(("retryable", "state"), [(True, State.QUEUED), (False, State.FAILED)])
def test_what_fails_meanwhile_may_have_lost_what_it_needed(alice: User, retryable: bool, state: State) -> None:
    leaving.leave()
    job = done(alice, do="fail", retryable=retryable)
    assert (job.state, job.attempt) == (state, 0 if retryable else 1)


def test_the_last_attempt_is_not_the_last_when_the_worker_ends(alice: User) -> None:
    leaving.leave()
    job = enqueue(alice, "test.work", {"do": "fail", "retryable": True})
    Job.objects.filter(pk=job.pk).update(attempt=job.max_attempts - 1)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.QUEUED, job.max_attempts - 1)


def test_a_job_that_was_cancelled_meanwhile_hears_of_that(alice: User, told: list[Stop]) -> None:
    leaving.leave()
    assert done(alice, do="wait", first="cancelled").state == State.CANCELLED
    assert told == [Stop.CANCELLED]
