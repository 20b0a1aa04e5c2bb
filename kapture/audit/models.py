"""The audit log: rows are added and never changed, until the end of an account takes their details away."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from kapture.core.ids import new_id


class AuditEvent(models.Model):
    """One thing somebody did; it outlives the person (the reference is cleared, the row stays)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    action = models.CharField(max_length=80, db_index=True, help_text="Dotted and unique, such as trends.deleted.")
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=60, blank=True, db_index=True)
    data = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_id}".strip()
