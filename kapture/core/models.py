"""What every row shares: a sortable id, its times, and an owner through whom alone it is reached."""

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models

from kapture.core.errors import NotFound
from kapture.core.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID


class BaseModel(models.Model):
    """A row with a UUIDv7 and the times of its making and last change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class OwnedQuerySet(models.QuerySet[Any]):
    """Rows with an owner; views and services enter through `for_user` only."""

    def for_user(self, user: Any) -> Self:
        """The rows of one user; nothing for somebody who is not signed in."""
        return self.filter(owner_id=user.pk) if user.is_authenticated else self.none()

    def fetch(self, user: Any, pk: "UUID | str") -> Any:
        """One row of one user; raises `NotFound` alike for a missing and for somebody else's row."""
        row = self.for_user(user).filter(pk=pk).first()
        if row is None:
            raise NotFound
        return row


class OwnedModel(BaseModel):
    """A row that belongs to one user."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True
