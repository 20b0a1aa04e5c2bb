"""Taking persons out of rows: deletion in small batches, and the rows that stay without a name."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, QuerySet

from accounts.models import User
from kapture.audit.models import AuditEvent

BATCH = 500
NOWHERE = "closed.invalid"


def erase(rows: QuerySet[Any]) -> int:
    """Delete rows with what the logs tell of them; many short transactions, so that nobody waits. Answers how many."""
    erased = 0
    while keys := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            forget(rows.model, keys)
            rows.model._base_manager.filter(pk__in=keys).delete()
        erased += len(keys)
    return erased


def forget(model: type[Model], keys: Sequence[Any]) -> None:
    """Leave of what the logs tell about rows only that something was done, when, and by which row of a user."""
    ids = [str(key) for key in keys]
    blank(AuditEvent.objects.filter(subject_type=model._meta.label_lower, subject_id__in=ids))
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id__in=ids)
    entries.exclude(object_repr="", change_message="").update(object_repr="", change_message="")


def blank(events: QuerySet[AuditEvent]) -> None:
    """Take the details from events of the audit log."""
    events.exclude(data={}, request_id="").update(data={}, request_id="")


def scrub_user(user: User) -> None:
    """Leave of a user a row that tells nobody who they were: what stays of them (the ledger) hangs on it."""
    user.set_unusable_password()
    User.objects.filter(pk=user.pk).update(
        email=f"closed-{user.pk}@{NOWHERE}",
        password=user.password,
        name="",
        avatar_url="",
        clerk_id=None,
        clerk_updated_ms=0,
        is_active=False,
        is_staff=False,
        is_superuser=False,
        mails_usage=False,
        mails_account=False,
        last_login=None,
    )


def scrub_rows(rows: QuerySet[Any], **fields: Any) -> None:
    """Overwrite fields of rows that stay, and forget what the logs tell about them."""
    keys = list(rows.order_by().values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        with transaction.atomic():
            forget(rows.model, batch)
            if fields:
                rows.model._base_manager.filter(pk__in=batch).update(**fields)
