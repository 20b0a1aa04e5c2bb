"""Long work."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The job row, its life and its faces."""

    name = "kapture.jobs"
    label = "jobs"
    verbose_name = "Jobs"
