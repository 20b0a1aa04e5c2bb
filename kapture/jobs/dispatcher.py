"""The loop that turns due rows into messages, sends again what was lost, and reaps what was left."""

import logging
import threading
import time
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Now
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from kapture.core.locks import Lock, wait_for
from kapture.jobs import turns
from kapture.jobs.lanes import Lane, is_night, next_night
from kapture.jobs.lifecycle import CHANNEL
from kapture.jobs.models import Job, State
from kapture.jobs.places import queue_of
from kapture.jobs.runner import HELD_AT_MOST, reap

logger = logging.getLogger(__name__)


def send_again_after() -> timedelta:
    """How long a sent job may stay unclaimed before its message is taken for lost."""
    lease: timedelta = settings.JOB_LEASE
    return lease / 2


def dispatch_due() -> int:
    """Send a message for each job whose turn it is and again for each that was lost; returns how many were sent."""
    with transaction.atomic():
        # One dispatcher chooses at a time, so that nobody's places are given twice.
        wait_for(Lock.DISPATCH)
        miss_the_night(timezone.now())
        lost = Job.objects.filter(state=State.QUEUED, dispatched_at__lt=Now() - send_again_after())
        due = [*_mark(list(lost.values_list("pk", "kind"))), *_mark(turns.choose())]
    for sent, (pk, kind) in enumerate(due):
        if not _send(str(pk), kind):
            Job.objects.filter(pk__in=[pk for pk, _ in due[sent:]], state=State.QUEUED).update(dispatched_at=None)
            return sent
    return len(due)


def _mark(due: list[tuple[UUID, str]]) -> list[tuple[UUID, str]]:
    """Give a place to each of these that still waits; returns those."""
    waiting = Job.objects.filter(pk__in=[pk for pk, _ in due], state=State.QUEUED, held_at=None)
    # Locked in the order of their ids, as whoever pauses many does.
    still = set(waiting.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True)) if due else ()
    if still:
        Job.objects.filter(pk__in=still).update(dispatched_at=Now())
    return [(pk, kind) for pk, kind in due if pk in still]


def miss_the_night(now: datetime) -> int:
    """Move jobs of the night lane whose night has passed to the next one, deadline included; returns how many."""
    if is_night(now):
        return 0
    begins = Value(next_night(now), output_field=DateTimeField())
    waiting = Job.objects.filter(state=State.QUEUED, lane=Lane.NIGHT, held_at=None, dispatched_at=None)
    missed = waiting.filter(run_after__lte=now, created_at__gt=now - HELD_AT_MOST)
    return missed.update(deadline_at=F("deadline_at") + (begins - F("run_after")), run_after=begins)


def _send(job_id: str, kind: str) -> bool:
    try:
        current_app.send_task("kapture.jobs.perform", [job_id], queue=queue_of(kind), retry=False)
    except (BrokerError, OSError) as error:
        logger.warning("the broker is away, jobs wait in their rows: %s", error)
        return False
    return True


def wait(seconds: float) -> None:
    """Sleep until a job is announced, at most that long."""
    connection.ensure_connection()
    raw = connection.connection
    assert raw is not None
    raw.execute(f"LISTEN {CHANNEL}")
    for _ in raw.notifies(timeout=seconds, stop_after=1):
        return


def loop(stop: threading.Event) -> None:
    """Dispatch and reap until told to stop; survives a database or broker that comes and goes."""
    reaped = 0.0
    while not stop.is_set():
        try:
            dispatch_due()
            if time.monotonic() - reaped > settings.JOB_LEASE.total_seconds() / 4:
                reap()
                reaped = time.monotonic()
            wait(settings.JOB_DISPATCH_EVERY.total_seconds())
        except (psycopg.Error, DatabaseError) as error:
            logger.warning("the database is away: %s", error)
            connection.close()
            stop.wait(1.0)
