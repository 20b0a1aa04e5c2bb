"""Workers die, messages vanish or come twice: each accepted job still ends once and is charged once."""

import os
import signal
import time
from contextlib import suppress
from typing import Any

import pytest
from celery import current_app
from django.db import transaction

from accounts.models import User
from billing.models import Plan, Reservation, UsagePeriod
from billing.services import choose_plan, reserve
from kapture.core.choices import UsageKind
from kapture.core.errors import Conflict
from kapture.core.ids import new_id
from kapture.jobs.models import Job, State
from kapture.jobs.services import cancel, enqueue
from tests.faults.system import System, assert_invariants, wipe_redis

pytestmark = pytest.mark.django_db(transaction=True)


def ask(user: User, **payload: Any) -> Job:
    job_id = new_id()
    with transaction.atomic():
        reserve(user, UsageKind.SCRAPE, 1, source_id=job_id)
        return enqueue(user, "test.work", payload, job_id=job_id)


def rich(user: User) -> User:
    choose_plan(user, Plan.objects.get(slug="studio"), user)
    return user


def charged(user: User) -> tuple[int, int]:
    row = UsagePeriod.objects.get(user=user, kind=UsageKind.SCRAPE)
    return row.used, row.held


def test_jobs_are_done(system: System, alice: User) -> None:
    system.dispatcher()
    system.worker()
    jobs = [ask(alice) for _ in range(10)]
    system.drain(jobs)
    assert set(Job.objects.values_list("state", "attempt")) == {(State.COMPLETED, 1)}
    assert charged(alice) == (10, 0)
    assert_invariants()


@pytest.mark.parametrize(
    "point",
    [
        "jobs.claimed",
        "work.inside_step",
        "jobs.before_finish",
        "work.inside_finish",
        "jobs.inside_finish",
        "jobs.after_finish",
    ],
)
def test_a_worker_killed_anywhere_is_replaced_and_the_job_charged_once(system: System, alice: User, point: str) -> None:
    system.dispatcher()
    system.worker(CRASH=f"{point}:1")
    job = ask(alice)
    system.drain([job])
    job.refresh_from_db()
    assert (system.folder / "crashed").exists(), "the crash point was never passed"
    assert (job.state, job.attempt) == (State.COMPLETED, 1 if point == "jobs.after_finish" else 2)
    assert charged(alice) == (1, 0)
    assert_invariants()


def test_a_killed_worker_group_is_replaced(system: System, alice: User) -> None:
    system.dispatcher()
    worker = system.worker()
    jobs = [ask(alice, steps=30, pause=0.1) for _ in range(3)]
    system.until(lambda: Job.objects.filter(state=State.RUNNING).exists())
    system.kill(worker)
    system.worker()
    system.drain(jobs)
    assert set(Job.objects.values_list("state", flat=True)) == {State.COMPLETED}
    assert charged(alice) == (3, 0)
    assert_invariants()


@pytest.mark.parametrize(
    ("end", "number"),
    [(os.kill, signal.SIGTERM), (os.killpg, signal.SIGTERM), (os.kill, signal.SIGQUIT)],
    ids=["the worker", "all of its processes", "at once"],
)
def test_a_worker_that_is_told_to_end_gives_its_jobs_back(
    system: System, alice: User, end: Any, number: signal.Signals
) -> None:
    system.dispatcher()
    worker = system.worker()
    jobs = [ask(alice, steps=40, pause=0.1) for _ in range(2)]
    system.until(lambda: Job.objects.filter(state=State.RUNNING, progress__gt=0).count() == 2)
    end(worker.pid, number)
    worker.wait(20)
    assert set(Job.objects.values_list("state", "attempt", "lease_until")) == {(State.QUEUED, 0, None)}
    system.worker()
    system.drain(jobs)
    assert set(Job.objects.values_list("state", "attempt")) == {(State.COMPLETED, 1)}
    assert charged(alice) == (2, 0)
    assert_invariants()


def test_a_wiped_redis_loses_no_job(system: System, alice: User) -> None:
    rich(alice)
    jobs = [ask(alice, steps=1) for _ in range(100)]
    dispatcher = system.dispatcher()
    system.until(lambda: not Job.objects.filter(dispatched_at=None).exists())
    wipe_redis()
    system.worker(4)
    system.drain(jobs)
    assert dispatcher.poll() is None
    assert Job.objects.filter(state=State.COMPLETED).count() == 100
    assert charged(alice) == (100, 0)
    assert_invariants()


def test_a_message_delivered_ten_times_has_one_effect(system: System, alice: User) -> None:
    system.worker(4)
    job = ask(alice)
    for _ in range(10):
        current_app.send_task("kapture.jobs.perform", [str(job.pk)], queue="default")
    system.drain([job])
    current_app.send_task("kapture.jobs.perform", [str(job.pk)], queue="default")
    time.sleep(1)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.COMPLETED, 1)
    assert [event.what for event in job.events.all()] == ["queued", "started", "completed"]
    assert charged(alice) == (1, 0)
    assert_invariants()


def test_a_stopped_worker_that_comes_back_changes_nothing(system: System, alice: User) -> None:
    system.dispatcher()
    first = system.worker(1)
    job = ask(alice, steps=20, pause=0.1)
    system.until(lambda: Job.objects.filter(state=State.RUNNING).exists())
    os.killpg(first.pid, signal.SIGSTOP)
    system.worker(1)
    system.drain([job])
    ended = Job.objects.values("state", "attempt", "finished_at", "fence").get(pk=job.pk)
    os.killpg(first.pid, signal.SIGCONT)
    time.sleep(2)
    assert Job.objects.values("state", "attempt", "finished_at", "fence").get(pk=job.pk) == ended
    assert (ended["state"], ended["attempt"]) == (State.COMPLETED, 2)
    assert charged(alice) == (1, 0)
    assert_invariants()


def test_cancel_racing_completion_has_one_outcome(system: System, alice: User) -> None:
    rich(alice)
    system.dispatcher()
    system.worker(4)
    jobs = [ask(alice, steps=1, pause=0.02) for _ in range(100)]
    for job in jobs:
        with suppress(Conflict):  # it ended already: that is the race
            cancel(job, alice)
    system.drain(jobs)
    settled = Reservation.objects.filter(state="settled").count()
    assert Job.objects.filter(state=State.COMPLETED).count() == settled
    assert charged(alice) == (settled, 0)
    assert_invariants()
