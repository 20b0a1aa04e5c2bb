"""Periodic work of the pages' ground floor."""

from celery import shared_task

from kapture.web.once import forget_old


@shared_task(name="kapture.web.forget_forms")
def forget_forms() -> None:
    """Delete what was remembered of forms that nobody sends again."""
    forget_old()
