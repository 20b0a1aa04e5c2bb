"""Posts that were captured, their measurements over time, and the searches that found them."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F

from kapture.core.choices import Platform
from kapture.core.models import BaseModel, OwnedModel, OwnedQuerySet
from kapture.gateways.scraping import ContentType, DatePrecision, DateRange, ScrapeQuery
from trends.scoring import Baseline
from trends.wording import byline, headline


class Scrape(OwnedModel):
    """One search on one platform: what was asked for, how far it is, and what became of each item it found.

    The vendor's run is remembered in two steps (reliability rule D10): `intent_at` is set before the paid start,
    `run_ref` right after it; from then on the same run is continued. `read` counts the items that were taken in.
    """

    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="scrape")
    platform = models.CharField(max_length=10, choices=Platform)
    keywords = ArrayField(models.CharField(max_length=100))
    limit = models.PositiveSmallIntegerField()
    date_range = models.CharField(max_length=3, choices=DateRange, blank=True)
    min_views = models.BigIntegerField(null=True, blank=True)
    language = models.CharField(max_length=3, blank=True)

    vendor = models.CharField(max_length=20, default="apify")
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
        return f"{self.get_platform_display()}: {', '.join(self.keywords)}"

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
        )


class TrendQuerySet(OwnedQuerySet):
    """Trends of users, without the column that only the search index reads."""

    def for_user(self, user: Any) -> Self:
        """The trends of one user."""
        return super().for_user(user).defer("search")


class Trend(BaseModel):
    """One post of one platform as its owner last saw it; facts of the post, measurements, and how it was rated.

    Ratings (`reach` to `score`) are those of the last look and follow `trends.scoring`, whose inputs are all here, so
    that they can be recomputed by hand. Sort columns are never null.
    """

    # Every read goes through one of the indexes below, which all begin with the owner.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    platform = models.CharField(max_length=10, choices=Platform)
    external_id = models.CharField(max_length=64)
    url = models.TextField()
    content_type = models.CharField(max_length=10, choices=ContentType)
    title = models.TextField(blank=True)
    text = models.TextField(blank=True)
    author_key = models.TextField(blank=True, help_text="What tells authors apart: handle, else id, else name.")
    author_id = models.TextField(blank=True)
    author_name = models.TextField(blank=True)
    author_handle = models.TextField(blank=True)
    author_url = models.TextField(blank=True)
    author_followers = models.BigIntegerField(null=True, blank=True)
    community = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_precision = models.CharField(max_length=10, choices=DatePrecision, default=DatePrecision.UNKNOWN)
    duration_s = models.IntegerField(null=True, blank=True)
    thumbnail_url = models.TextField(blank=True)
    media_url = models.TextField(blank=True)
    language = models.CharField(max_length=3, blank=True)
    hashtags = ArrayField(models.TextField(), default=list, blank=True)

    views = models.BigIntegerField(null=True, blank=True)
    likes = models.BigIntegerField(null=True, blank=True)
    comments = models.BigIntegerField(null=True, blank=True)
    shares = models.BigIntegerField(null=True, blank=True)

    scraped_at = models.DateTimeField(help_text="The last look.")
    dated_at = models.DateTimeField(help_text="When it was published, else when it was first seen.")
    looks = models.PositiveIntegerField(default=1)
    scrape = models.ForeignKey(Scrape, on_delete=models.SET_NULL, null=True, blank=True, related_name="trends")

    reach = models.BigIntegerField(default=0, help_text="Views, or likes where a platform tells no views.")
    velocity = models.FloatField(default=0, help_text="Reach an hour since it was published; 0 when unknown.")
    engagement = models.FloatField(null=True, blank=True, help_text="Likes, comments and shares for one view.")
    baseline = models.CharField(max_length=10, choices=Baseline, default=Baseline.NONE)
    baseline_reach = models.FloatField(null=True, blank=True, help_text="Median reach it is compared with.")
    baseline_size = models.PositiveIntegerField(default=0, help_text="Posts behind that median.")
    multiple = models.FloatField(null=True, blank=True, help_text="Reach over the baseline.")
    score = models.FloatField(default=0)
    trail = ArrayField(models.BigIntegerField(), default=list, help_text="Reach at the last looks, oldest first.")

    search = models.GeneratedField(
        expression=SearchVector("title", config="simple", weight="A")
        + SearchVector("author_name", "author_handle", "community", config="simple", weight="B")
        + SearchVector("text", config="simple", weight="C"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = TrendQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-scraped_at", "-id"]
        constraints: ClassVar = [
            # Not beginning with owner and platform: on a table without statistics the planner would take this index
            # for the posts of an author, too, and read a whole platform for each.
            models.UniqueConstraint(fields=["owner", "external_id", "platform"], name="one_trend_per_post"),
        ]
        indexes: ClassVar = [
            models.Index("owner", F("scraped_at").desc(), F("id").desc(), name="trend_by_look"),
            models.Index("owner", F("score").desc(), F("id").desc(), name="trend_by_score"),
            models.Index("owner", F("reach").desc(), F("id").desc(), name="trend_by_reach"),
            models.Index("owner", F("velocity").desc(), F("id").desc(), name="trend_by_velocity"),
            models.Index("owner", F("dated_at").desc(), F("id").desc(), name="trend_by_date"),
            models.Index(
                fields=["owner", "platform", "author_key", "-dated_at"],
                include=["reach", "external_id"],
                name="trend_by_author",
            ),
            GinIndex(fields=["owner", "search", "hashtags"], name="trend_search"),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def headline(self) -> str:
        """What stands for the post in one line."""
        name = self.author_name or self.author_handle
        return headline(title=self.title, text=self.text, name=name, platform=self.platform)

    @property
    def byline(self) -> str:
        """Who published it, as people write it on the platform."""
        return byline(
            platform=self.platform, name=self.author_name, handle=self.author_handle, community=self.community
        )


class Snapshot(models.Model):
    """Measurements of a trend at one look; written when one of them moved since the look before."""

    id = models.BigAutoField(primary_key=True)
    trend = models.ForeignKey(Trend, on_delete=models.CASCADE, related_name="snapshots", db_index=False)
    at = models.DateTimeField()
    views = models.BigIntegerField(null=True, blank=True)
    likes = models.BigIntegerField(null=True, blank=True)
    comments = models.BigIntegerField(null=True, blank=True)
    shares = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["at"]
        indexes: ClassVar = [models.Index(fields=["trend", "at"], name="snapshot_history")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class PlatformTotal(models.Model):
    """How many trends somebody has on a platform, kept with every change so that no list has to count.

    Locking this row orders the writers of one platform of one owner. `recent` is the reach of the posts captured last.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    platform = models.CharField(max_length=10, choices=Platform)
    count = models.BigIntegerField(default=0)
    recent = ArrayField(models.BigIntegerField(), default=list)
    last_look_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "platform"], name="one_total_per_platform"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}: {self.count}"
