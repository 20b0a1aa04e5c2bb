"""The API kit."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Envelope, errors, pages, limits and replays of the HTTP API."""

    name = "kapture.api"
    label = "api"
