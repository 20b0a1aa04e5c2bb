"""Settings of the process that keeps the time: it knows by name what is due, and loads nothing of what happens then."""

from kapture.settings.site import *

# isort: split
from kapture.settings.data import *
from kapture.settings.logs import *
from kapture.settings.work import *

INSTALLED_APPS = ["django.contrib.contenttypes", "django_celery_beat"]
