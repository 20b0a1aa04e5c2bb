"""Periodic work of the API kit."""

from celery import shared_task

from kapture.api.idempotency import forget_old


@shared_task(name="kapture.api.forget_replays")
def forget_replays() -> None:
    """Delete answers nobody can ask for again."""
    forget_old()
