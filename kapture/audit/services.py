"""The only writer of the audit log."""

from typing import Any

from django.db import models

from kapture.audit.models import AuditEvent
from kapture.core.context import request_id


def record(actor: Any, action: str, subject: models.Model | None = None, /, **data: Any) -> AuditEvent:
    """Add an event in the caller's transaction, so that it exists exactly when the change does."""
    return AuditEvent.objects.create(
        actor_id=actor.pk if actor is not None else None,
        action=action,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        data=data,
        request_id=request_id.get(),
    )
