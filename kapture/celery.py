"""The Celery application: a clock and a set of hands. What to do is told by job rows, never by messages."""

import gc
import os
import signal
from typing import Any

from celery import Celery
from celery.signals import (
    worker_before_create_process,
    worker_init,
    worker_process_init,
    worker_ready,
    worker_shutting_down,
)

from kapture.core.leaving import leave
from kapture.core.priority import BEHIND_PAGES, step_back

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kapture.settings.base")
app = Celery("kapture")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _step_back(**_: Any) -> None:
    """Work in the background does not slow the pages down."""
    step_back(BEHIND_PAGES)


@worker_before_create_process.connect
def _share(**_: Any) -> None:
    """Set aside what is loaded, so that looking for garbage does not copy it into each process that does the work."""
    gc.collect()
    gc.freeze()


@worker_shutting_down.connect
def _leave(**_: Any) -> None:
    """Let jobs go back to the queue: whoever ends a worker kills it soon, and its jobs would wait for their leases."""
    leave()


@worker_ready.connect
def _leave_on_a_cold_shutdown_too(**_: Any) -> None:
    """Of SIGQUIT the worker tells only when it has waited for its jobs."""
    shut_down = signal.getsignal(signal.SIGQUIT)

    def leave_first(number: int, frame: Any) -> None:
        leave()
        if callable(shut_down):
            shut_down(number, frame)

    signal.signal(signal.SIGQUIT, leave_first)


@worker_process_init.connect
def _leave_in_order(**_: Any) -> None:
    """Let the worker alone hear that it is to end: platforms tell all processes at once, and no job would be left."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
