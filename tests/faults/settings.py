"""Settings of the fault programme: the product and one more kind of job."""

from kapture.settings.test import *  # noqa: F403
from kapture.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.work"]
