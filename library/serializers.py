"""The library on the wire."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kapture.api.serializers import CamelSerializer
from kapture.core.choices import Platform
from library.items import Item
from library.listing import Facets, Listing
from library.specs import MAX_CHARS, Kind, LibraryQuery, Sort

NAME = f"({'|'.join(Platform.values)})"


@extend_schema_field({"type": "string", "pattern": f"^{NAME}(,{NAME})*$", "maxLength": 60})
class PlatformsField(serializers.CharField):
    """One platform or several with commas between them."""


class BrowseQuerySerializer(CamelSerializer):
    """Filters of the list."""

    type = serializers.ChoiceField(choices=Kind.choices, required=False)
    platform = PlatformsField(required=False, max_length=60, help_text="One or more of them, with commas.")


class SearchQuerySerializer(BrowseQuerySerializer):
    """What to look for, and the filters."""

    q = serializers.CharField(max_length=MAX_CHARS)
    sort = serializers.ChoiceField(choices=Sort.choices, required=False)


class PieceSerializer(CamelSerializer):
    """A run of text; `hit` when it matches."""

    text = serializers.CharField()
    hit = serializers.BooleanField()


class ItemSerializer(CamelSerializer):
    """One thing of the library, as `item_data` writes it."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=Kind.choices)
    title = serializers.CharField()
    text = serializers.CharField(help_text="How its text begins.")
    author = serializers.CharField()
    platform = serializers.ChoiceField(choices=Platform.choices, allow_null=True)
    form = serializers.CharField(allow_null=True, help_text="What it is made of: video, audio, image, text …")
    state = serializers.CharField(allow_null=True)
    thumbnail_url = serializers.CharField(allow_null=True)
    source_url = serializers.CharField(allow_null=True, help_text="Where it was found.")
    page_url = serializers.CharField(help_text="Its page here, as a path.")
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    size = serializers.IntegerField(allow_null=True, help_text="Bytes.")
    views = serializers.IntegerField(allow_null=True)
    multiple = serializers.FloatField(allow_null=True, help_text="Times the author's usual.")
    at = serializers.DateTimeField(help_text="The time the list is ordered by: last look, request, last edit.")


class FoundItemSerializer(ItemSerializer):
    """One thing that a search found."""

    marked_title = PieceSerializer(many=True)
    extract = PieceSerializer(many=True, help_text="The text around the hits; empty when they are elsewhere.")


def item_data(item: Item) -> dict[str, Any]:
    """An item in the shape of `ItemSerializer`."""
    return {
        "id": item.id,
        "type": item.kind,
        "title": item.title,
        "text": item.text,
        "author": item.by,
        "platform": item.platform or None,
        "form": item.form or None,
        "state": item.state or None,
        "thumbnailUrl": item.thumbnail or None,
        "sourceUrl": item.link or None,
        "pageUrl": item.url,
        "duration": item.seconds,
        "size": item.size,
        "views": item.views,
        "multiple": item.multiple,
        "at": item.at,
    }


def found_data(item: Item) -> dict[str, Any]:
    """An item in the shape of `FoundItemSerializer`."""
    marks = {"markedTitle": item.marked, "extract": item.extract}
    return item_data(item) | {name: [asdict(piece) for piece in found] for name, found in marks.items()}


def facets_data(facets: Facets, query: LibraryQuery) -> dict[str, Any]:
    """`meta.facets`: counts under the other filters; those that are not exact are at least so many."""
    kinds = {kind.value: facets.of_kind(kind, query) for kind in Kind}
    platforms = {platform.value: facets.of_platform(platform, query) for platform in Platform}
    return {
        name: {key: {"count": count.number, "exact": count.exact} for key, count in counts.items()}
        for name, counts in (("type", kinds), ("platform", platforms))
    }


def search_meta(listing: Listing) -> dict[str, Any]:
    """`meta.search`: how the text was understood, and what was left out to stay quick."""
    return {"understoodAs": listing.understood, "limits": listing.limits or None}
