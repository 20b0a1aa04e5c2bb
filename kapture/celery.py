"""The Celery application: a clock and a set of hands. What to do is told by job rows, never by messages."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_before_create_process

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kapture.settings.base")
app = Celery("kapture")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_before_create_process.connect
def _share(**_: Any) -> None:
    """Set aside what is loaded, so that looking for garbage does not copy it into each process that does the work."""
    gc.collect()
    gc.freeze()
