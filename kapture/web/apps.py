"""The application of the pages' ground floor."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Design system, page shell, error pages, and forms that count once."""

    name = "kapture.web"
    label = "web"
    verbose_name = "Pages"
