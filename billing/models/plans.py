"""What can be had: plans by the month, and packs of units once."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from kapture.core.choices import UsageKind
from kapture.core.models import BaseModel


class Plan(BaseModel):
    """What a subscriber may use in a calendar month; staff edit these rows."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(unique=True)
    description = models.CharField(max_length=200, blank=True)
    price_cents = models.PositiveIntegerField(default=0, help_text="A month, in US cents.")
    scrapes = models.PositiveIntegerField(help_text="Scrapes a month.")
    downloads = models.PositiveIntegerField(help_text="Downloads a month.")
    ai_generations = models.PositiveIntegerField(help_text="AI generations a month.")
    concurrent_downloads = models.PositiveSmallIntegerField(
        default=3, db_default=3, validators=[MinValueValidator(1)], help_text="Downloads of one user under way at once."
    )
    requests_per_minute = models.PositiveIntegerField(default=600, help_text="API requests of one user.")
    storage_bytes = models.BigIntegerField(default=10 << 30, help_text="Media kept at most.")
    retention_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Media older than this is deleted; empty keeps it."
    )
    flags = models.JSONField(default=list, blank=True, help_text="Names of features that are on for this plan.")
    stripe_price_id = models.CharField(
        max_length=255, blank=True, help_text="Stripe's monthly price; without one the plan cannot be bought."
    )
    is_default = models.BooleanField(default=False, help_text="The plan of people who chose none.")
    is_public = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "price_cents"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_plan"),
            models.UniqueConstraint(
                fields=["stripe_price_id"], condition=~Q(stripe_price_id=""), name="one_plan_per_price"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def limit(self, kind: UsageKind) -> int:
        """Units of a kind a month."""
        match kind:
            case UsageKind.SCRAPE:
                return self.scrapes
            case UsageKind.DOWNLOAD:
                return self.downloads
            case UsageKind.AI_GENERATION:
                return self.ai_generations


class TopUpPack(BaseModel):
    """Units sold once, which stay until they are used; staff edit these rows."""

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=20, choices=UsageKind)
    units = models.PositiveIntegerField()
    price_cents = models.PositiveIntegerField(help_text="Once, in US cents.")
    stripe_price_id = models.CharField(max_length=255, blank=True)
    is_public = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "price_cents"]

    def __str__(self) -> str:
        return self.name
