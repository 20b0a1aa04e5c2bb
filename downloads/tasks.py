"""Periodic work of downloads."""

from celery import shared_task

from downloads.performing import sweep_scratch


@shared_task(name="downloads.sweep_scratch")
def sweep() -> None:
    """Remove the working folders that dead attempts left on this machine."""
    sweep_scratch()
