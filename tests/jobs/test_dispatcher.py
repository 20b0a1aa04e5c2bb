"""Every due job gets a message, and one that was lost gets another, whatever comes and goes meanwhile."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
import redis
from celery import Celery, current_app
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from kapture.jobs.dispatcher import dispatch_due, loop, send_again_after, wait
from kapture.jobs.kinds import WINDOW
from kapture.jobs.lifecycle import claim
from kapture.jobs.models import Job, State
from kapture.jobs.services import enqueue
from tests.jobs.waiting import PATIENCE, cut_other_connections, until

pytestmark = pytest.mark.django_db(transaction=True)
DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def broker() -> Iterator[redis.Redis]:
    """The broker of this worker's tests, without messages."""
    client = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    client.flushdb()
    yield client
    client.flushdb()


def messages(broker: redis.Redis, queue: str = "default") -> list[str]:
    """Ids in a queue, the oldest first."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    found = broker.lrange(f"{prefix}{queue}", 0, -1)
    return [orjson.loads(message)["headers"]["argsrepr"].strip("[]'") for message in reversed(found)]


@pytest.fixture
def running() -> Iterator[threading.Event]:
    """A dispatcher that loops until the test is over."""
    stop = threading.Event()

    def work() -> None:
        try:
            loop(stop)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield stop
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def is_dispatched(job: Job) -> bool:
    return Job.objects.filter(pk=job.pk).exclude(dispatched_at=None).exists()


def test_a_due_job_gets_one_message(alice: User, broker: redis.Redis) -> None:
    jobs = [enqueue(alice, "test.work", {}) for _ in range(3)]
    assert dispatch_due() == 3
    assert messages(broker) == [str(job.pk) for job in jobs]
    assert dispatch_due() == 0
    assert len(messages(broker)) == 3


def test_a_lost_message_is_sent_again(alice: User, broker: redis.Redis) -> None:
    job = enqueue(alice, "test.work", {})
    dispatch_due()
    broker.flushdb()
    assert dispatch_due() == 0
    Job.objects.update(dispatched_at=timezone.now() - send_again_after() - timedelta(seconds=1))
    assert dispatch_due() == 1
    assert messages(broker) == [str(job.pk)]


def test_a_job_waits_for_its_time(alice: User, broker: redis.Redis) -> None:
    enqueue(alice, "test.work", {}, run_after=timezone.now() + timedelta(hours=1))
    assert dispatch_due() == 0
    assert messages(broker) == []


def test_a_backlog_waits_in_its_rows(db: None, broker: redis.Redis) -> None:
    now = timezone.now()
    Job.objects.bulk_create(Job(owner=None, kind="test.work", deadline_at=now) for _ in range(WINDOW + 5))
    assert dispatch_due() == WINDOW
    assert dispatch_due() == 0
    assert len(messages(broker)) == WINDOW


def test_a_kind_of_another_release_goes_to_the_default_queue(alice: User, broker: redis.Redis) -> None:
    job = enqueue(alice, "test.work", {})
    Job.objects.update(kind="from.the.future")
    assert dispatch_due() == 1
    assert messages(broker, settings.CELERY_TASK_DEFAULT_QUEUE) == [str(job.pk)]


def test_while_the_broker_is_away_jobs_wait_and_are_sent_when_it_is_back(alice: User, broker: redis.Redis) -> None:
    job = enqueue(alice, "test.work", {})
    product = current_app._get_current_object()
    away = Celery("away", broker=DEAD, set_as_current=True)
    away.conf.broker_transport_options = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
    try:
        assert dispatch_due() == 0
    finally:
        product.set_current()
    assert not is_dispatched(job)
    assert dispatch_due() == 1
    assert messages(broker) == [str(job.pk)]


def test_a_new_job_wakes_the_dispatcher(alice: User) -> None:
    wait(0)  # from here on this connection listens

    def ask() -> None:
        try:
            enqueue(alice, "test.work", {})
        finally:
            connection.close()

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    began = time.monotonic()
    wait(PATIENCE)
    assert time.monotonic() - began < PATIENCE / 2


def test_it_dispatches_and_reaps_until_it_is_told_to_stop(alice: User, running: threading.Event, settings: Any) -> None:
    settings.JOB_LEASE = timedelta(seconds=1)
    lost = enqueue(alice, "test.work", {})
    until(lambda: is_dispatched(lost))
    assert claim(lost.pk)
    Job.objects.filter(pk=lost.pk).update(lease_until=timezone.now() - timedelta(seconds=1), attempt=3)
    until(lambda: Job.objects.get(pk=lost.pk).state == State.FAILED)
    due = enqueue(alice, "test.work", {})
    until(lambda: is_dispatched(due))


def test_it_survives_a_database_that_goes_and_comes_back(alice: User, running: threading.Event) -> None:
    first = enqueue(alice, "test.work", {})
    until(lambda: is_dispatched(first))
    until(cut_other_connections)
    second = enqueue(alice, "test.work", {})
    until(lambda: is_dispatched(second))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_ends_after_its_round_when_asked(alice: User, number: int) -> None:
    kept = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    job = enqueue(alice, "test.work", {})

    def ask() -> None:
        try:
            until(lambda: is_dispatched(job))
            os.kill(os.getpid(), number)
        finally:
            connection.close()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        call_command("dispatch")
    finally:
        asking.join()
        for name, handler in kept.items():
            signal.signal(name, handler)
    assert is_dispatched(job)
