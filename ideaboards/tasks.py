"""Periodic work of this room."""

from celery import shared_task

from ideaboards.services import sweep


@shared_task(name="ideaboards.sweep")
def sweep_generations() -> None:
    """End generations whose process died while writing."""
    sweep()
