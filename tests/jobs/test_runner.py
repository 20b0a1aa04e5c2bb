"""One attempt at a job ends it in exactly one way."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing.models import Reservation, UsagePeriod
from billing.services import reserve
from kapture.core.choices import UsageKind
from kapture.core.errors import Conflict
from kapture.core.ids import new_id
from kapture.jobs import kinds, lifecycle
from kapture.jobs.errors import JobStopped, Stop
from kapture.jobs.models import Job, State
from kapture.jobs.run import Run
from kapture.jobs.runner import backoff, reap, run_job
from kapture.jobs.services import cancel, enqueue, retry
from kapture.jobs.tasks import perform
from tests.jobs.conftest import abandoned, taken_over

pytestmark = pytest.mark.django_db(transaction=True)


def make(user: User, amount: int = 3, **payload: object) -> Job:
    job_id = new_id()
    with transaction.atomic():
        reserve(user, UsageKind.SCRAPE, amount, source_id=job_id)
        return enqueue(user, "test.work", payload, job_id=job_id, title="Work")


def charge(job: Job) -> tuple[str, int, int, int]:
    held = Reservation.objects.get(source_id=job.pk)
    period = UsagePeriod.objects.get(pk=held.period_id)
    return held.state, held.settled, period.used, period.held


def test_it_completes_and_settles_what_was_used(alice: User) -> None:
    job = make(alice, units=2)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result, job.attempt, job.progress) == (State.COMPLETED, {"answer": 42}, 1, 1.0)
    assert charge(job) == ("settled", 2, 2, 0)
    assert [event.what for event in job.events.all()] == ["queued", "started", "completed"]


def test_a_second_message_for_the_same_job_does_nothing(alice: User) -> None:
    job = make(alice)
    run_job(job.pk)
    before = Job.objects.values().get(pk=job.pk)
    run_job(job.pk)
    assert Job.objects.values().get(pk=job.pk) == before
    assert charge(job) == ("settled", 1, 1, 0)


def test_a_failure_is_named_and_costs_nothing(alice: User) -> None:
    job = make(alice, do="fail")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code, job.error_message, job.remedy) == (
        State.FAILED, "broken", "It is broken.", "Mend it.",
    )  # fmt: skip
    assert charge(job) == ("released", 0, 0, 0)
    assert [row.pk for row in abandoned] == [job.pk]


def test_a_vendor_failure_is_tried_again_and_fails_after_the_last_start(alice: User) -> None:
    job = make(alice, do="vendor")
    for attempt in (1, 2):
        run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempt) == (State.QUEUED, attempt)
        assert job.run_after > timezone.now() - timedelta(seconds=1)
        Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - timedelta(seconds=1))
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code, job.attempt) == (State.FAILED, "timeout", 3)
    assert charge(job) == ("released", 0, 0, 0)


@pytest.mark.parametrize("do", ["raise", "forget"])
def test_an_unforeseen_error_ends_in_a_named_state_without_its_text(alice: User, do: str) -> None:
    job = make(alice, do=do)
    Job.objects.filter(pk=job.pk).update(max_attempts=1)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code, job.error_message) == (
        State.FAILED, "internal_error", "Something broke on our side.",
    )  # fmt: skip


def test_a_waiting_job_is_cancelled_at_once(alice: User) -> None:
    job = make(alice)
    assert cancel(job, alice).state == State.CANCELLED
    assert charge(job) == ("released", 0, 0, 0)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_a_running_job_stops_at_its_next_report(alice: User) -> None:
    job = make(alice, first="cancelled", do="heed")
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert charge(job) == ("released", 0, 0, 0)


def test_an_ended_job_cannot_be_cancelled(alice: User) -> None:
    job = make(alice)
    run_job(job.pk)
    with pytest.raises(Conflict):
        cancel(job, alice)


def test_only_a_failed_job_can_be_tried_again(alice: User) -> None:
    with pytest.raises(Conflict):
        retry(make(alice), alice)


def test_a_late_owner_changes_nothing(alice: User) -> None:
    job = make(alice)
    first = lifecycle.claim(job.pk)
    assert first is not None
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    second = lifecycle.claim(job.pk)
    assert second is not None
    late = Run(first)
    with pytest.raises(JobStopped), late.finish({"who": "late"}, units=3):
        pass
    with pytest.raises(JobStopped), late.step():
        pass
    with pytest.raises(JobStopped):
        late.report(0.9)
    with Run(second).finish({"who": "second"}, units=1):
        pass
    job.refresh_from_db()
    assert (job.result, job.attempt) == ({"who": "second"}, 2)
    assert charge(job) == ("settled", 1, 1, 0)


def test_a_lost_worker_is_replaced_and_after_three_starts_the_job_fails(alice: User) -> None:
    job = make(alice)
    for attempt in (1, 2, 3):
        claimed = lifecycle.claim(job.pk)
        assert claimed is not None
        assert claimed.attempt == attempt
        assert reap() == 0
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert reap() == 1
    job.refresh_from_db()
    assert (job.state, job.error_code) == (State.FAILED, "worker_lost")
    assert charge(job) == ("released", 0, 0, 0)


def test_a_cancelled_job_of_a_lost_worker_is_cancelled(alice: User) -> None:
    job = make(alice)
    lifecycle.claim(job.pk)
    cancel(job, alice)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    reap()
    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_a_job_that_waited_past_its_deadline_fails(alice: User) -> None:
    job = make(alice)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))
    run_job(job.pk)
    reap()
    job.refresh_from_db()
    assert (job.state, job.error_code, job.attempt) == (State.FAILED, "deadline", 0)


def test_a_running_job_past_its_deadline_is_told_to_stop(alice: User) -> None:
    job = make(alice)
    claimed = lifecycle.claim(job.pk)
    assert claimed is not None
    run = Run(claimed)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))
    run.beat()
    with pytest.raises(JobStopped) as stopped:
        run.check()
    assert stopped.value.why == "deadline"


def test_a_kind_of_another_release_is_parked(alice: User) -> None:
    job = make(alice)
    Job.objects.filter(pk=job.pk).update(kind="from.the.future")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.QUEUED, 0)
    assert job.run_after > timezone.now()


def test_a_room_that_cannot_tidy_up_does_not_stop_the_reaper(alice: User) -> None:
    broken, lost = make(alice), make(alice)
    kinds.register(kinds.JobKind(name="test.broken", label="", queue="default", perform=_idle, abandon=_explode))
    old = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=broken.pk).update(kind="test.broken", deadline_at=old)
    Job.objects.filter(pk=lost.pk).update(deadline_at=old)
    try:
        assert reap() == 1
    finally:
        kinds._kinds.pop("test.broken")
    assert Job.objects.get(pk=lost.pk).state == State.FAILED
    assert Job.objects.get(pk=broken.pk).state == State.QUEUED


def _idle(run: Run) -> None:
    raise AssertionError("never started")


def _explode(job: Job) -> None:
    raise LookupError("a row is missing")


def test_an_unknown_kind_cannot_be_asked_for(alice: User) -> None:
    with pytest.raises(ValueError, match="unknown job kind"):
        enqueue(alice, "no.such", {})


def test_the_wait_follows_the_vendor_within_bounds_or_grows() -> None:
    assert backoff(1, 7) == timedelta(seconds=7)
    assert backoff(1, 12 * 3600) == timedelta(minutes=10)
    assert backoff(1, None) < backoff(2, None) < backoff(3, None)


@pytest.mark.parametrize("do", ["report", "vendor"])
def test_a_job_that_is_to_stop_ends_cancelled_however_it_ends(alice: User, do: str) -> None:
    job = make(alice, first="cancelled", do=do)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (State.CANCELLED, "")
    assert charge(job) == ("released", 0, 0, 0)


def test_work_that_the_worker_cuts_short_fails_as_too_long(alice: User) -> None:
    job = make(alice, do="overrun")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (State.FAILED, "deadline")


@pytest.mark.parametrize("do", ["heed", "report", "finish", "fail", "vendor", "overrun", "leave"])
def test_what_another_worker_took_over_is_left_to_it(alice: User, do: str) -> None:
    job = make(alice, first="lost", do=do)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.error_code) == (State.RUNNING, 1, "")
    assert charge(job) == ("held", 0, 0, 3)
    assert [event.what for event in job.events.all()] == ["queued", "started"]
    assert abandoned == []


def test_reports_are_written_twice_a_second_at_most(alice: User, django_assert_num_queries: Any) -> None:
    claimed = lifecycle.claim(make(alice).pk)
    assert claimed is not None
    run = Run(claimed)
    run.report(0.1, "First")
    with django_assert_num_queries(0):
        run.report(0.2, "Second")
    claimed.refresh_from_db()
    assert (claimed.progress, claimed.stage) == (0.1, "First")


def test_the_first_reason_to_stop_counts(alice: User) -> None:
    run = Run(make(alice))
    run.stop(Stop.CANCELLED)
    run.stop(Stop.LOST)
    with pytest.raises(JobStopped) as stopped:
        run.check()
    assert stopped.value.why is Stop.CANCELLED


def test_an_owner_that_beats_again_before_the_reaper_comes_keeps_its_job(alice: User) -> None:
    first, last, stopping, slow = (make(alice) for _ in range(4))
    for job in (first, last, stopping, slow):
        lifecycle.claim(job.pk)
    expired = timezone.now() - timedelta(seconds=10)
    Job.objects.filter(pk=first.pk).update(lease_until=expired - timedelta(seconds=5), attempt=3)
    Job.objects.filter(pk=last.pk).update(lease_until=expired, attempt=3)
    Job.objects.filter(pk=stopping.pk).update(lease_until=expired, cancel_requested=True)
    Job.objects.filter(pk=slow.pk).update(lease_until=expired)

    def beat_again(job: Job, units: int) -> None:
        Job.objects.exclude(pk=job.pk).update(lease_until=timezone.now() + timedelta(minutes=5))

    lifecycle.ended_hooks.append(beat_again)
    try:
        assert reap() == 1
    finally:
        lifecycle.ended_hooks.remove(beat_again)
    states = dict(Job.objects.values_list("pk", "state"))
    assert states.pop(first.pk) == State.FAILED
    assert set(states.values()) == {State.RUNNING}


def test_a_message_carries_nothing_but_the_id(alice: User) -> None:
    job = make(alice)
    perform.apply(args=[str(job.pk)])
    job.refresh_from_db()
    assert job.state == State.COMPLETED


def test_a_failed_job_is_tried_again_as_a_new_one(alice: User) -> None:
    job = make(alice, do="fail")
    run_job(job.pk)
    job.refresh_from_db()
    new = retry(job, alice)
    assert (new.pk != job.pk, new.state, new.title) == (True, State.QUEUED, "Work")
    job.refresh_from_db()
    assert job.state == State.FAILED


def test_a_job_can_be_asked_for_later(alice: User) -> None:
    later = timezone.now() + timedelta(hours=1)
    job = enqueue(alice, "test.work", {}, run_after=later)
    assert job.run_after == later
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.QUEUED, 0)


def test_a_waiting_job_of_another_release_can_be_cancelled(alice: User) -> None:
    job = make(alice)
    Job.objects.filter(pk=job.pk).update(kind="from.the.future")
    assert cancel(job, alice).state == State.CANCELLED
    assert charge(job) == ("released", 0, 0, 0)
    assert abandoned == []


def test_a_step_of_a_late_owner_writes_nothing(alice: User) -> None:
    claimed = lifecycle.claim(make(alice).pk)
    assert claimed is not None
    taken_over(claimed)
    with pytest.raises(JobStopped), Run(claimed).step():
        Job.objects.filter(pk=claimed.pk).update(title="Written too late")
    claimed.refresh_from_db()
    assert claimed.title == "Work"
