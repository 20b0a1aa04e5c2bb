"""For how long somebody's plan keeps media, as it was seen last."""

from django.conf import settings
from django.db import models

from kapture.core.models import BaseModel, OwnedQuerySet


class Keeping(BaseModel):
    """The days for which somebody's media is kept, and since when: for a day after they became fewer nothing goes."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    days = models.PositiveIntegerField(null=True, blank=True, help_text="Empty where media is kept.")
    shortened_at = models.DateTimeField(help_text="When these days were first seen to be fewer than before.")

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return "for ever" if self.days is None else f"{self.days} days"
