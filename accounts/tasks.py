"""Periodic work of accounts."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from accounts.closing.tending import tend
from accounts.exporting.services import expire_exports
from accounts.impersonation.services import end_overdue
from accounts.mailing import send_waiting
from accounts.sessions import sweep


@shared_task(name="accounts.forget_sessions")
def forget_sessions() -> None:
    """Delete sessions that ran out, and what is known of their browsers."""
    SessionStore.clear_expired()
    sweep()


@shared_task(name="accounts.end_looks")
def end_looks() -> None:
    """End looks of staff that nobody stopped."""
    end_overdue()


@shared_task(name="accounts.mail_notifications")
def mail_notifications() -> None:
    """Send the notifications that go out by e-mail."""
    send_waiting()


@shared_task(name="accounts.tend_closings")
def tend_closings() -> None:
    """Go on with closings nobody works on, and erase what came after the end of others."""
    tend()


@shared_task(name="accounts.expire_exports")
def discard_exports() -> None:
    """Discard the files of exports whose time is over."""
    expire_exports()
