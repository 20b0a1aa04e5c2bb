"""Searches, and what became of each item they found."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kapture.core.choices import Platform
from kapture.core.models import OwnedModel
from kapture.gateways.scraping import DateRange, ScrapeQuery


class Purpose(models.TextChoices):
    """Why a platform is asked."""

    SEARCH = "search", "Search"
    # Known posts are measured again, to see whether an alert was right; costs its owner nothing.
    LOOK = "look", "Look at known posts"


class Scrape(OwnedModel):
    """One search on one platform: what was asked for, how far it is, and what became of each item it found.

    The vendor's run is remembered in two steps (reliability rule D10): `intent_at` is set before the paid start,
    `run_ref` right after it; from then on the same run is continued. `read` counts the items that were taken in.
    """

    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="scrape")
    # With defaults of the database, for workers of the release before while both run.
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.SEARCH, db_default=Purpose.SEARCH)
    watch_run = models.ForeignKey(
        "trends.WatchRun", on_delete=models.SET_NULL, null=True, blank=True, related_name="scrapes"
    )
    platform = models.CharField(max_length=10, choices=Platform)
    keywords = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    urls = ArrayField(models.TextField(), default=list, db_default=[], blank=True, help_text="The posts of a look.")
    limit = models.PositiveSmallIntegerField()
    date_range = models.CharField(max_length=3, choices=DateRange, blank=True)
    min_views = models.BigIntegerField(null=True, blank=True)
    language = models.CharField(max_length=3, blank=True)

    vendor = models.CharField(max_length=20, default="apify", help_text="Who was asked.")
    intent_at = models.DateTimeField(null=True, blank=True)
    run_ref = models.CharField(max_length=64, blank=True)
    dataset_ref = models.CharField(max_length=64, blank=True)
    cost_usd = models.DecimalField(max_digits=10, decimal_places=6, null=True, blank=True)

    read = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0, help_text="Trends that were new.")
    merged = models.PositiveIntegerField(default=0, help_text="Items that met a trend already captured.")
    rejected = models.JSONField(default=dict, blank=True, help_text="Items that were no trend, by reason.")
    note = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["owner", "-created_at"], name="scrape_owner_recent")]

    def __str__(self) -> str:
        words = ", ".join(self.keywords) or f"{len(self.urls)} posts"
        return f"{self.get_platform_display()}: {words}"

    @property
    def query(self) -> ScrapeQuery:
        """The search as the gateway takes it."""
        return ScrapeQuery(
            platform=Platform(self.platform),
            keywords=tuple(self.keywords),
            limit=self.limit,
            date_range=DateRange(self.date_range) if self.date_range else None,
            min_views=self.min_views,
            language=self.language,
            urls=tuple(self.urls),
        )
