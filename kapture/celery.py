"""The Celery application: a clock and a set of hands. What to do is told by job rows, never by messages."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kapture.settings.base")
app = Celery("kapture")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
