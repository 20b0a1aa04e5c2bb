"""How somebody keeps their trends: categories, saved views, and what can be undone."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from kapture.core.models import OwnedModel


class Category(OwnedModel):
    """A shelf of one's own; a trend stands on one at most."""

    name = models.CharField(max_length=60)

    class Meta:
        ordering: ClassVar = [Lower("name")]
        verbose_name_plural = "categories"
        constraints: ClassVar = [models.UniqueConstraint("owner", Lower("name"), name="one_category_per_name")]

    def __str__(self) -> str:
        return self.name


class SavedView(OwnedModel):
    """Filters and order of the list under a name; `query` is the address's query without page and cursor."""

    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [models.UniqueConstraint("owner", Lower("name"), name="one_view_per_name")]

    def __str__(self) -> str:
        return self.name


class Change(OwnedModel):
    """Something that was done to many trends at once, with what undoes it.

    `before` holds for each trend that changed (by id) what undoes it: the tags that were `added` and `removed`, or the
    category it `was` on and `became`; nothing for one that went to the trash.
    """

    class Action(models.TextChoices):
        """What was done."""

        DELETE = "delete", "Deleted"
        TAG = "tag", "Tagged"
        CATEGORY = "category", "Moved"

    action = models.CharField(max_length=10, choices=Action)
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {len(self.before)}"
