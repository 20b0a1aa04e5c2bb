"""The row of each stored file: it exists before its bytes do and is gone after them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from kapture.core.models import BaseModel, OwnedQuerySet


class StoredObject(BaseModel):
    """A file in the store under a key that begins with its owner; links to it are made when asked for, never kept."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        LIVE = "live", "Live"
        DELETING = "deleting", "Deleting"

    # The index below begins with the owner.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=300, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    size = models.BigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    job_id = models.UUIDField(null=True, blank=True, db_index=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["updated_at"], name="object_unsettled", condition=~Q(state="live")),
            # With the size, so that what somebody stores is added up from the index alone.
            models.Index(fields=["owner", "state"], include=["size"], name="object_owner_state"),
        ]

    def __str__(self) -> str:
        return self.key
