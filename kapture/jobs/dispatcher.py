"""The loop that turns due rows into messages, sends again what was lost, and reaps what was left."""

import logging
import threading
import time
from datetime import timedelta

import psycopg
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerError

from kapture.jobs import kinds
from kapture.jobs.lifecycle import CHANNEL
from kapture.jobs.models import Job, State
from kapture.jobs.runner import reap

logger = logging.getLogger(__name__)
# Messages that may be under way at once; a backlog waits in its rows, not in Redis.
WINDOW = 200


def send_again_after() -> timedelta:
    """How long a sent job may stay unclaimed before its message is taken for lost."""
    lease: timedelta = settings.JOB_LEASE
    return lease / 2


def dispatch_due() -> int:
    """Send a message for each due job that has none under way; returns how many were sent."""
    lost = Now() - send_again_after()
    waiting = Job.objects.filter(state=State.QUEUED)
    room = WINDOW - waiting.filter(dispatched_at__gte=lost).count()
    if room <= 0:
        return 0
    with transaction.atomic():
        due = list(
            waiting.filter(Q(dispatched_at=None) | Q(dispatched_at__lt=lost), run_after__lte=Now())
            .order_by("run_after")
            .select_for_update(skip_locked=True)
            .values_list("pk", "kind")[:room]
        )
        Job.objects.filter(pk__in=[pk for pk, _ in due]).update(dispatched_at=Now())
    for sent, (pk, kind) in enumerate(due):
        if not _send(str(pk), kind):
            Job.objects.filter(pk__in=[pk for pk, _ in due[sent:]], state=State.QUEUED).update(dispatched_at=None)
            return sent
    return len(due)


def _send(job_id: str, kind: str) -> bool:
    registered = kinds.find(kind)
    queue = registered.queue if registered else settings.CELERY_TASK_DEFAULT_QUEUE
    try:
        current_app.send_task("kapture.jobs.perform", [job_id], queue=queue, retry=False)
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
