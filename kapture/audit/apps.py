"""The audit log."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what, written in the transaction that did it."""

    name = "kapture.audit"
    label = "audit"
    verbose_name = "Audit"
