"""The library."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """One list and one search box over everything a user captured, fetched or wrote."""

    name = "library"
    verbose_name = "Library"
