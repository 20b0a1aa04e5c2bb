"""Periodic work of billing."""

from celery import shared_task

from billing.services import release_expired


@shared_task(name="billing.release_expired")
def release_expired_holds() -> None:
    """Release holds that nobody ended."""
    release_expired()
