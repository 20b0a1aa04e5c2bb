"""Periodic work of the store."""

from celery import shared_task

from kapture.objects.services import sweep


@shared_task(name="kapture.objects.sweep")
def sweep_objects() -> None:
    """Delete what was discarded or left behind."""
    sweep()
