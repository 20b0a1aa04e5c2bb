"""Stored objects."""

from django.apps import AppConfig


class ObjectsConfig(AppConfig):
    """Files that belong to people, wherever they are stored."""

    name = "kapture.objects"
    label = "objects"
    verbose_name = "Stored objects"
