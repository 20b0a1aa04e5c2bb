"""The trends room."""

from django.apps import AppConfig


class TrendsConfig(AppConfig):
    """Posts that were found, how they did at each look, and the searches that found them."""

    name = "trends"
    verbose_name = "Trends"
