"""Periodic work of the store."""

from celery import shared_task

from kapture.objects.sweeping import sweep, sweep_both


@shared_task(name="kapture.objects.sweep")
def sweep_objects() -> None:
    """Delete what was discarded or left behind."""
    sweep()


@shared_task(name="kapture.objects.sweep_strays")
def sweep_strays() -> None:
    """Delete that, and a part of the files that no row knows."""
    sweep_both()
