"""The application of the pages' ground floor."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Design system, page shell and error pages; it holds no tables."""

    name = "kapture.web"
    label = "web"
    verbose_name = "Pages"
