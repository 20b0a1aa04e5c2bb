"""Captured posts, their measurements over time, and how many there are."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q

from kapture.core.choices import Platform
from kapture.core.models import BaseModel, OwnedQuerySet
from kapture.core.texts import CONFIG, Spaced
from kapture.gateways.scraping import ContentType, DatePrecision
from trends.models.curating import Category
from trends.models.scrapes import Scrape
from trends.scoring import Baseline
from trends.wording import byline, headline


class TrendQuerySet(OwnedQuerySet):
    """Trends of users, without the column that only the search index reads."""

    def for_user(self, user: Any) -> Self:
        """The trends of one user that are not in the trash."""
        return super().for_user(user).filter(trashed_at=None).defer("search")

    def in_trash(self, user: Any) -> Self:
        """The trends of one user that are in the trash."""
        return super().for_user(user).filter(trashed_at__isnull=False).defer("search")


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

    # With a default of the database, for what scrapes write by COPY names no column of the owner.
    tags = ArrayField(
        models.TextField(), default=list, db_default=[], blank=True, help_text="The owner's own words for it."
    )
    # Without a constraint, so that deleting a category is one row however many trends stood on it; they then stand on
    # none. It is read through a join, never followed.
    category = models.ForeignKey(
        Category,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    trashed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its owner deleted it; shown nowhere, gone for good 30 days later."
    )

    search = models.GeneratedField(
        expression=SearchVector(Spaced("title"), config=CONFIG, weight="A")
        + SearchVector(Spaced("author_name"), Spaced("author_handle"), Spaced("community"), config=CONFIG, weight="B")
        + SearchVector(Spaced("text"), config=CONFIG, weight="C"),
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
                include=["reach", "external_id", "published_at", "scraped_at", "looks", "id"],
                name="trend_by_author",
            ),
            GinIndex(fields=["owner", "search", "hashtags", "tags"], name="trend_search"),
            models.Index(fields=["category"], name="trend_by_category", condition=Q(category__isnull=False)),
            models.Index(fields=["owner", "-scraped_at"], name="trend_tagged", condition=~Q(tags=[])),
            models.Index(fields=["trashed_at"], name="trend_trash", condition=Q(trashed_at__isnull=False)),
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
    """Measurements of a trend at one look and its ratings then; written when a measurement moved since the last one."""

    id = models.BigAutoField(primary_key=True)
    trend = models.ForeignKey(Trend, on_delete=models.CASCADE, related_name="snapshots", db_index=False)
    at = models.DateTimeField()
    views = models.BigIntegerField(null=True, blank=True)
    likes = models.BigIntegerField(null=True, blank=True)
    comments = models.BigIntegerField(null=True, blank=True)
    shares = models.BigIntegerField(null=True, blank=True)
    reach = models.BigIntegerField(default=0, db_default=0)
    # Null for looks of releases that kept no ratings.
    multiple = models.FloatField(null=True, blank=True)
    velocity = models.FloatField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["at"]
        indexes: ClassVar = [models.Index(fields=["trend", "at"], name="snapshot_history")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class PlatformTotal(models.Model):
    """How many trends somebody has on a platform, kept with every change so that no list has to count.

    What is in the trash is not counted. Locking this row orders the writers of one platform of one owner. `recent` is
    the reach of the posts captured last.
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
