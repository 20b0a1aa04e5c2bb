"""The downloads room."""

from django.apps import AppConfig


class DownloadsConfig(AppConfig):
    """Media fetched for people, kept with what it is and where it came from."""

    name = "downloads"
    verbose_name = "Downloads"
