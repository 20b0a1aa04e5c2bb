"""Periodic work of billing."""

from celery import shared_task

from billing.services import ask_reconcile, release_expired, turn_month


@shared_task(name="billing.release_expired")
def release_expired_holds() -> None:
    """Release holds that nobody ended."""
    release_expired()


@shared_task(name="billing.reconcile")
def reconcile() -> None:
    """Have our copies compared with Stripe."""
    ask_reconcile()


@shared_task(name="billing.turn_month")
def open_months() -> None:
    """Open the months that begin, and put away those that are over."""
    turn_month()
