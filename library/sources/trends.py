"""Captured posts in the library."""

from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from library.items import Item
from library.sources.source import Source
from library.specs import Kind
from trends.models import Trend

LEAD = 280


def _rows(user: Any) -> QuerySet[Trend]:
    return Trend.objects.for_user(user)


def _item(trend: Trend) -> Item:
    return Item(
        kind=Kind.TREND,
        id=trend.pk,
        title=trend.headline,
        url=reverse("trends:detail", args=[trend.pk]),
        at=trend.scraped_at,
        by=trend.byline,
        text=trend.text[:LEAD],
        link=trend.url,
        platform=trend.platform,
        thumbnail=trend.thumbnail_url,
        form=trend.content_type,
        seconds=trend.duration_s,
        views=trend.views,
        multiple=trend.multiple,
    )


TRENDS = Source(
    kind=Kind.TREND,
    rows=_rows,
    at="scraped_at",
    vector=F("search"),
    substrings=("title", "text", "author_name", "author_handle", "url"),
    title="title",
    body="text",
    columns=(
        "title",
        "text",
        "author_name",
        "author_handle",
        "community",
        "url",
        "platform",
        "thumbnail_url",
        "content_type",
        "duration_s",
        "views",
        "multiple",
        "scraped_at",
    ),
    item=_item,
    platform="platform",
)
