"""Ending the work of somebody who leaves: asked first, and then ended over the heads of the workers."""

import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings

from kapture.core.errors import Conflict
from kapture.jobs import services
from kapture.jobs.errors import JobStopped
from kapture.jobs.lifecycle import ending
from kapture.jobs.models import ACTIVE, Job, State

LOOK_EVERY = 0.1


def patience() -> timedelta:
    """How long a worker gets to stop by itself, which also ends what it started at a vendor."""
    heartbeat: timedelta = settings.JOB_HEARTBEAT
    return 1.5 * heartbeat


def stop_jobs(user: Any) -> None:
    """End every job of a user; what it held is released with it, and a worker that is late finds its fence moved."""
    mine = Job.objects.filter(owner=user).active()
    for job in mine.filter(cancel_requested=False):
        with suppress(Conflict):  # it ended in this moment
            services.cancel(job, None)
    until = time.monotonic() + patience().total_seconds()
    while mine.exists() and time.monotonic() < until:
        time.sleep(LOOK_EVERY)
    for job in mine:
        with suppress(JobStopped), ending(job, State.CANCELLED, Job.objects.filter(state__in=ACTIVE), note="closing"):
            pass
