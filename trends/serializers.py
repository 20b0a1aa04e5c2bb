"""Trends on the wire.

Lists are written straight from column values by `as_wire` (a model instance and a nested serializer a row would cost
five times as much); the serializers describe the same shape to the schema, and a test keeps the two in step.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from rest_framework import serializers

from kapture.api.serializers import CamelModelSerializer, CamelSerializer
from kapture.core.choices import Platform
from kapture.gateways.scraping import ContentType, DatePrecision, DateRange
from trends.models import Snapshot
from trends.queries import SORTS
from trends.scoring import Baseline
from trends.specs import (
    DEFAULT_LIMIT,
    LANGUAGES,
    MAX_KEYWORD,
    MAX_KEYWORDS,
    MAX_LIMIT,
    MAX_VIEWS,
    ScrapeSpec,
    clean_keywords,
)

EXCERPT: Final = 300
# Columns an answer needs; `text` comes as a part of it in lists.
COLUMNS: Final = (
    "id", "platform", "external_id", "url", "content_type", "title", "author_id", "author_name", "author_handle",
    "author_url", "author_followers", "community", "published_at", "published_precision", "duration_s", "thumbnail_url",
    "media_url", "language", "hashtags", "views", "likes", "comments", "shares", "reach", "velocity", "engagement",
    "baseline", "baseline_reach", "baseline_size", "multiple", "score", "trail", "looks", "scraped_at", "created_at",
    "dated_at", "tags", "category_id", "category__name",
)  # fmt: skip


class AuthorSerializer(CamelSerializer):
    """Who published it; empty where the platform does not say."""

    id = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    handle = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    followers = serializers.IntegerField(allow_null=True)


class RatingSerializer(CamelSerializer):
    """How far it stands out, as of the last look; `trends.scoring` has the formulas, a trend's page the arithmetic."""

    score = serializers.FloatField()
    multiple = serializers.FloatField(allow_null=True)
    baseline = serializers.ChoiceField(choices=Baseline.choices)
    baseline_reach = serializers.FloatField(allow_null=True)
    baseline_size = serializers.IntegerField()
    reach = serializers.IntegerField()
    velocity = serializers.FloatField(allow_null=True, help_text="Reach an hour since it was published.")
    engagement = serializers.FloatField(allow_null=True)


class ShelfSerializer(CamelSerializer):
    """The category somebody put it on."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class TrendSerializer(CamelSerializer):
    """A captured post."""

    id = serializers.UUIDField()
    platform = serializers.ChoiceField(choices=Platform.choices)
    external_id = serializers.CharField()
    url = serializers.CharField()
    content_type = serializers.ChoiceField(choices=ContentType.choices)
    title = serializers.CharField(allow_blank=True)
    excerpt = serializers.CharField(allow_blank=True, help_text=f"The first {EXCERPT} characters of the text.")
    author = AuthorSerializer()
    community = serializers.CharField(allow_blank=True)
    published_at = serializers.DateTimeField(allow_null=True)
    published_precision = serializers.ChoiceField(choices=DatePrecision.choices)
    duration_seconds = serializers.IntegerField(allow_null=True)
    thumbnail_url = serializers.CharField(allow_blank=True)
    media_url = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    hashtags = serializers.ListField(child=serializers.CharField())
    views = serializers.IntegerField(allow_null=True)
    likes = serializers.IntegerField(allow_null=True)
    comments = serializers.IntegerField(allow_null=True)
    shares = serializers.IntegerField(allow_null=True)
    rating = RatingSerializer()
    trail = serializers.ListField(child=serializers.IntegerField(), help_text="Reach at the last looks, oldest first.")
    tags = serializers.ListField(child=serializers.CharField(), help_text="The owner's own words for it.")
    category = ShelfSerializer(allow_null=True)
    looks = serializers.IntegerField()
    scraped_at = serializers.DateTimeField(help_text="The last look.")
    first_seen_at = serializers.DateTimeField()


class TrendDetailSerializer(TrendSerializer):
    """A captured post with its whole text."""

    text = serializers.CharField(allow_blank=True)


def as_wire(row: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The answer for one row of `COLUMNS` and `excerpt`."""
    return {
        "id": row["id"],
        "platform": row["platform"],
        "externalId": row["external_id"],
        "url": row["url"],
        "contentType": row["content_type"],
        "title": row["title"],
        "excerpt": row["excerpt"],
        "author": {
            "id": row["author_id"],
            "name": row["author_name"],
            "handle": row["author_handle"],
            "url": row["author_url"],
            "followers": row["author_followers"],
        },
        "community": row["community"],
        "publishedAt": row["published_at"],
        "publishedPrecision": row["published_precision"],
        "durationSeconds": row["duration_s"],
        "thumbnailUrl": row["thumbnail_url"],
        "mediaUrl": row["media_url"],
        "language": row["language"],
        "hashtags": row["hashtags"],
        "views": row["views"],
        "likes": row["likes"],
        "comments": row["comments"],
        "shares": row["shares"],
        "rating": {
            "score": row["score"],
            "multiple": row["multiple"],
            "baseline": row["baseline"],
            "baselineReach": row["baseline_reach"],
            "baselineSize": row["baseline_size"],
            "reach": row["reach"],
            # The column holds 0 where the time of publishing is unknown, because it is sorted by.
            "velocity": row["velocity"] if row["published_at"] else None,
            "engagement": row["engagement"],
        },
        "trail": row["trail"],
        "tags": row["tags"],
        "category": {"id": row["category_id"], "name": row["category__name"]} if row["category_id"] else None,
        "looks": row["looks"],
        "scrapedAt": row["scraped_at"],
        "firstSeenAt": row["created_at"],
        **more,
    }


class SnapshotSerializer(CamelModelSerializer):
    """Measurements at one look; written when one of them moved."""

    class Meta:
        model = Snapshot
        fields: ClassVar = ["at", "views", "likes", "comments", "shares"]
        read_only_fields = fields


class TrendQuerySerializer(CamelSerializer):
    """Filters of the list; several platforms are separated by commas."""

    platform = serializers.CharField(required=False, max_length=60, help_text="youtube, tiktok, reddit, x")
    content_type = serializers.ChoiceField(choices=ContentType.choices, required=False)
    q = serializers.CharField(required=False, max_length=200, help_text="Words, #hashtags and @authors.")
    hashtag = serializers.CharField(required=False, max_length=101)
    author = serializers.CharField(required=False, max_length=200)
    min_views = serializers.IntegerField(required=False, min_value=0, max_value=MAX_VIEWS)
    date_range = serializers.ChoiceField(choices=DateRange.choices, required=False)
    language = serializers.ChoiceField(choices=list(LANGUAGES.items()), required=False)
    tag = serializers.CharField(required=False, max_length=51)
    category = serializers.UUIDField(required=False, help_text="The id of a category.")
    watch = serializers.UUIDField(required=False, help_text="The id of a watch: trends that it met.")
    scrape_id = serializers.UUIDField(required=False)
    sort = serializers.ChoiceField(choices=list(SORTS), required=False, default="-scrapedAt")

    def validate_platform(self, value: str) -> tuple[Platform, ...]:
        """The named platforms, each once."""
        names = [name.strip() for name in value.split(",") if name.strip()]
        unknown = [name for name in names if name not in Platform.values]
        if unknown or not names:
            raise serializers.ValidationError(f"Choose from {', '.join(Platform.values)}.")
        return tuple(dict.fromkeys(Platform(name) for name in names))


class ScrapeFiltersSerializer(CamelSerializer):
    """What the posts of a scrape must fulfil."""

    date_range = serializers.ChoiceField(choices=DateRange.choices, required=False, allow_null=True)
    min_views = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=MAX_VIEWS)
    language = serializers.ChoiceField(choices=list(LANGUAGES.items()), required=False, allow_null=True)


class _SearchSerializer(CamelSerializer):
    keywords = serializers.ListField(
        child=serializers.CharField(min_length=1, max_length=MAX_KEYWORD), min_length=1, max_length=MAX_KEYWORDS
    )
    limit = serializers.IntegerField(required=False, default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)
    filters = ScrapeFiltersSerializer(required=False, default=dict)

    def spec(self, platform: Platform) -> ScrapeSpec:
        """The checked body as a spec."""
        wanted, filters = self.validated_data, self.validated_data["filters"]
        return ScrapeSpec(
            platform=platform,
            keywords=clean_keywords(wanted["keywords"]),
            limit=wanted["limit"],
            date_range=DateRange(filters["date_range"]) if filters.get("date_range") else None,
            min_views=filters.get("min_views"),
            language=filters.get("language") or "",
        )


class ScrapeRequestSerializer(_SearchSerializer):
    """A search on one platform; costs one scrape unit."""

    platform = serializers.ChoiceField(choices=Platform.choices)


class BulkScrapeRequestSerializer(_SearchSerializer):
    """The same search on up to four platforms; one unit for each, all or nothing."""

    platforms = serializers.ListField(
        child=serializers.ChoiceField(choices=Platform.choices), min_length=1, max_length=len(Platform)
    )
