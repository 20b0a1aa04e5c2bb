"""Pausing, going on and starting now, against each other and against every end."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from kapture.core.errors import Conflict
from kapture.core.oracle import verify
from kapture.jobs import holding, kinds, lifecycle
from kapture.jobs.dispatcher import dispatch_due
from kapture.jobs.lanes import Lane
from kapture.jobs.models import Job, State
from kapture.jobs.run import Run
from kapture.jobs.runner import reap, run_job
from kapture.jobs.services import cancel, enqueue
from tests.jobs.test_turns import LIMIT, _limited, broker, queue, under_way  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "test.limited"


def fresh(job: Job) -> Job:
    job.refresh_from_db()
    return job


def performing(do: Callable[[Run], None], name: str = NAME) -> None:
    """Let the kind do something else."""
    kinds.register(kinds.JobKind(name=name, label="Work", queue="limited", perform=do, pausable=True))


def broken() -> list[str]:
    return [rule.name for rule, ids in verify() if ids]


def test_a_waiting_job_is_held_gives_its_place_back_and_goes_on(alice: User) -> None:
    jobs = queue(alice, LIMIT + 1)
    dispatch_due()
    holding.pause(jobs[0], alice)
    assert dispatch_due() == 1
    assert dispatch_due() == 0
    run_job(jobs[0].pk)
    assert (fresh(jobs[0]).state, jobs[0].attempt) == (State.QUEUED, 0)
    holding.resume(jobs[0], alice)
    assert (fresh(jobs[0]).is_held, dispatch_due()) == (False, 0)
    run_job(jobs[1].pk)
    assert dispatch_due() == 1
    assert under_way()["alice@example.com"] == LIMIT


def test_a_running_job_goes_back_uncounted_and_ends_after_it_goes_on(alice: User) -> None:
    job = enqueue(alice, NAME, {})

    def pause_midway(run: Run) -> None:
        if Job.objects.get(pk=job.pk).events.filter(what="paused").count() < 4:
            holding.pause(job, alice)
            run.report(0.5)
            raise AssertionError("it went on")
        with run.finish({}, units=0):
            pass

    performing(pause_midway)
    # More often than it may be started: a pause is no failure.
    for _ in range(4):
        run_job(job.pk)
        assert (fresh(job).state, job.attempt, job.is_held, job.dispatched_at) == (State.QUEUED, 0, True, None)
        assert broken() == []
        holding.resume(job, alice)
    run_job(job.pk)
    assert (fresh(job).state, job.attempt, job.is_held) == (State.COMPLETED, 1, False)


def test_a_pause_that_comes_too_late_changes_nothing(alice: User) -> None:
    job = enqueue(alice, NAME, {})

    def finish_first(run: Run) -> None:
        with run.finish({}, units=0):
            pass
        with pytest.raises(Conflict):
            holding.pause(job, alice)

    performing(finish_first)
    run_job(job.pk)
    assert (fresh(job).state, job.is_held) == (State.COMPLETED, False)


def test_a_pause_before_the_last_step_still_lets_the_work_end(alice: User) -> None:
    job = enqueue(alice, NAME, {})

    def finish_anyway(run: Run) -> None:
        holding.pause(job, alice)
        with run.finish({}, units=0):
            pass

    performing(finish_anyway)
    run_job(job.pk)
    assert (fresh(job).state, job.is_held) == (State.COMPLETED, False)


def test_pause_and_resume_before_the_worker_notices_lets_it_go_on(alice: User) -> None:
    job = enqueue(alice, NAME, {})

    def change_of_mind(run: Run) -> None:
        holding.pause(job, alice)
        holding.resume(job, alice)
        run.beat()
        run.report(0.9)
        with run.finish({}, units=0):
            pass

    performing(change_of_mind)
    run_job(job.pk)
    assert (fresh(job).state, job.attempt) == (State.COMPLETED, 1)


def test_what_was_taken_back_before_its_reason_was_asked_for_stops_nothing(alice: User) -> None:
    job = enqueue(alice, NAME, {})

    def asked_too_late(run: Run) -> None:
        run._learn_why()
        run.check()
        with run.finish({}, units=0):
            pass

    performing(asked_too_late)
    run_job(job.pk)
    assert fresh(job).state == State.COMPLETED


def test_cancel_wins_over_a_pause_that_is_on_its_way(alice: User) -> None:
    job = enqueue(alice, NAME, {})

    def cancelled_while_pausing(run: Run) -> None:
        holding.pause(job, alice)
        run.beat()
        cancel(job, alice)
        run.check()

    performing(cancelled_while_pausing)
    run_job(job.pk)
    assert fresh(job).state == State.CANCELLED


def test_a_worker_that_dies_while_pausing_leaves_a_paused_job(alice: User) -> None:
    job = enqueue(alice, NAME, {})
    lifecycle.claim(job.pk)
    holding.pause(job, alice)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert lifecycle.claim(job.pk) is None
    assert reap() == 1
    assert (fresh(job).state, job.is_held) == (State.QUEUED, True)
    assert (dispatch_due(), reap()) == (0, 0)


def test_time_stands_still_while_a_job_is_paused_but_not_for_ever(alice: User) -> None:
    job = holding.pause(enqueue(alice, NAME, {}), alice)
    now = timezone.now()
    Job.objects.update(held_at=now - timedelta(days=20), deadline_at=now - timedelta(days=20) + timedelta(hours=1))
    assert (reap(), broken()) == (0, [])
    holding.resume(job, alice)
    assert timedelta(minutes=59) < fresh(job).deadline_at - now < timedelta(minutes=61)
    holding.pause(job, alice)
    Job.objects.update(held_at=now - timedelta(days=31))
    assert reap() == 1
    assert (fresh(job).state, job.error_code) == (State.FAILED, "paused_too_long")


def test_resumed_twice_at_once_it_goes_on_once(alice: User) -> None:
    job = holding.pause(enqueue(alice, NAME, {}), alice)

    def go_on() -> None:
        try:
            holding.resume(job, alice)
        finally:
            connection.close()

    threads = [threading.Thread(target=go_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (fresh(job).is_held, job.events.filter(what="resumed").count()) == (False, 1)


@pytest.mark.parametrize("state", ["queued", "held", "night", "later"])
def test_start_now_goes_before_ones_own_others(alice: User, state: str) -> None:
    queue(alice, LIMIT)
    fields = {"night": {"lane": Lane.NIGHT}, "later": {"run_after": timezone.now() + timedelta(hours=2)}}
    (job,) = queue(alice, 1, **fields.get(state, {}))
    if state == "held":
        holding.pause(job, alice)
    for _ in range(2):
        holding.start_now(job, alice)
    assert (fresh(job).lane, job.is_held, job.events.filter(what="hurried").count()) == (Lane.NOW, False, 1)
    dispatch_due()
    assert fresh(job).dispatched_at is not None


def test_start_now_against_a_claim_and_an_end(alice: User) -> None:
    job = enqueue(alice, NAME, {})
    lifecycle.claim(job.pk)
    holding.start_now(job, alice)
    assert (fresh(job).state, job.lane, job.attempt) == (State.RUNNING, Lane.NORMAL, 1)
    lifecycle.fail(job, Job.objects.all(), code="x", message="X.")
    for move in (holding.start_now, holding.pause, holding.resume):
        with pytest.raises(Conflict):
            move(job, alice)


def test_everything_of_ones_own_is_paused_and_goes_on(alice: User, bob: User) -> None:
    mine = queue(alice, 4)
    (theirs,) = queue(bob, 1)
    lifecycle.claim(mine[0].pk)
    assert (holding.pause_all(alice, NAME), holding.pause_all(alice, NAME)) == (4, 0)
    assert (fresh(theirs).is_held, all(fresh(job).is_held for job in mine)) == (False, True)
    assert (holding.resume_all(alice, NAME), holding.resume_all(alice, NAME)) == (4, 0)
    assert not any(fresh(job).is_held for job in mine)


def test_what_cannot_be_paused_says_so(alice: User) -> None:
    with pytest.raises(Conflict):
        holding.pause(enqueue(alice, "test.work", {}), alice)
    with pytest.raises(Conflict):
        holding.pause_all(alice, "test.work")


def test_pausing_is_on_record_with_its_change_or_not_at_all(alice: User) -> None:
    job = enqueue(alice, NAME, {})
    with transaction.atomic():
        holding.pause(job, alice)
        transaction.set_rollback(True)
    assert (fresh(job).is_held, job.events.filter(what="paused").exists()) == (False, False)
