"""The ideaboards room."""

from django.apps import AppConfig


class IdeaboardsConfig(AppConfig):
    """Boards, their sources and history, and what was written for them."""

    name = "ideaboards"
    verbose_name = "Ideaboards"
