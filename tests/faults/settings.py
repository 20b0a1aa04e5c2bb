"""Settings of the fault programme: the product, one more kind of job, and workers that are soon missed."""

from datetime import timedelta

from kapture.settings.test import *  # noqa: F403
from kapture.settings.test import INSTALLED_APPS

JOB_LEASE = timedelta(seconds=2)
INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.work"]
