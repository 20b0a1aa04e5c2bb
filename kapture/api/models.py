"""Answers kept for a repeated request."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Replay(models.Model):
    """The answer to a request that named an `Idempotency-Key`; `status` 0 means that it is still being worked on."""

    id = models.BigAutoField(primary_key=True)
    caller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(default=0)
    data = models.JSONField(null=True)
    meta = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["caller", "key"], name="replay_once_per_caller")]

    def __str__(self) -> str:
        return self.key
