"""Webhook events as they came: stored once, whatever a vendor sends twice, late or out of order."""

from typing import ClassVar

from django.db import models

from kapture.core.models import BaseModel


class WebhookEvent(BaseModel):
    """A verified event; `payload` is what was signed."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        APPLIED = "applied", "Applied"
        IGNORED = "ignored", "Ignored"

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=100, db_index=True)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "event_id"], name="event_stored_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.event_id}"
