"""The Celery application: a clock and a set of hands. What to do is told by job rows, never by messages."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_before_create_process, worker_init

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
