"""Periodic work of accounts."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from accounts.sessions import sweep


@shared_task(name="accounts.forget_sessions")
def forget_sessions() -> None:
    """Delete sessions that ran out, and what is known of their browsers."""
    SessionStore.clear_expired()
    sweep()
