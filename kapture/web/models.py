"""What the pages' ground floor remembers."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class SentForm(models.Model):
    """A form that had its effect, and where it led."""

    id = models.BigAutoField(primary_key=True)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(
        max_length=64, help_text="SHA-256 of the address and the fields, the one-time id among them."
    )
    goal = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["sender", "key"], name="form_sent_once")]

    def __str__(self) -> str:
        return self.key
