"""Webhook events."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Events are stored once, answered at once and applied by a job."""

    name = "kapture.inbox"
    label = "inbox"
    verbose_name = "Inbox"
