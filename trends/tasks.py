"""Periodic work of trends."""

from celery import shared_task
from django.utils import timezone

from trends.trash import empty_trash, forget_changes


@shared_task(name="trends.empty_trash")
def empty_the_trash() -> None:
    """Delete for good what its owners deleted a month ago, and what undid it."""
    empty_trash(timezone.now())
    forget_changes(timezone.now())
