"""How somebody wants media by default, and of which sites otherwise."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from downloads.choices import Format, Kind, Quality
from kapture.core.models import BaseModel, OwnedQuerySet


class Policy(BaseModel):
    """A layer of wishes: the account's default where `host` is empty, else a rule for that host or platform.

    Empty fields leave the choice to the layer below, and kind, quality and format go together: an empty kind leaves all
    three. What is asked for with a download itself stands above all of them.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    host = models.CharField(
        max_length=255,
        blank=True,
        help_text="youtube, tiktok, reddit, x, or a host with its subdomains; empty for all.",
    )
    kind = models.CharField(max_length=10, choices=Kind, blank=True)
    quality = models.CharField(max_length=10, choices=Quality, blank=True)
    convert_to = models.CharField(max_length=10, choices=Format, blank=True)
    subtitles = models.BooleanField(null=True, blank=True)
    lane = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["host"]
        verbose_name_plural = "policies"
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "host"], name="one_policy_a_host")]

    def __str__(self) -> str:
        return self.host or "Everything else"
