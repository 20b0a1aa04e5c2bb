"""Downloaded media in the library."""

from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from downloads.models import Download
from library.items import Item
from library.sources.source import Source
from library.specs import Kind


def _rows(user: Any) -> QuerySet[Download]:
    return Download.objects.for_user(user)


def _item(download: Download) -> Item:
    return Item(
        kind=Kind.DOWNLOAD,
        id=download.pk,
        title=download.headline,
        url=reverse("downloads:detail", args=[download.pk]),
        at=download.created_at,
        by=download.author,
        link=download.url,
        platform=download.platform,
        thumbnail=download.picture,
        form=download.kind,
        state=download.state,
        note=download.format_words,
        seconds=download.duration_s,
        size=download.size,
    )


DOWNLOADS = Source(
    kind=Kind.DOWNLOAD,
    rows=_rows,
    at="created_at",
    vector=F("search"),
    substrings=("title", "author", "url"),
    title="title",
    body="url",
    columns=(
        "title",
        "url",
        "author",
        "platform",
        "poster_url",
        "thumbnail",
        "kind",
        "quality",
        "convert_to",
        "container",
        "width",
        "height",
        "state",
        "duration_s",
        "size",
        "created_at",
    ),
    item=_item,
    platform="platform",
)
