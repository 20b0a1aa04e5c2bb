"""Periodic work of accounts."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore


@shared_task(name="accounts.forget_sessions")
def forget_sessions() -> None:
    """Delete sessions that ran out."""
    SessionStore.clear_expired()
