"""Trends in admin: scrapes and what they found, to be read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from trends.models import PlatformTotal, Scrape, Trend


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows that people's own requests make and delete; staff look at them."""

    show_full_result_count = False
    list_select_related = ("owner",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come from scrapes."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Figures are never edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting has to move the totals, so it goes through the owner's pages."""
        return False


@admin.register(Scrape)
class ScrapeAdmin(ReadOnlyAdmin):
    """Find a search, its vendor run and what became of its items."""

    list_display = (
        "created_at", "owner", "platform", "keywords", "limit", "read", "stored", "merged", "rejected", "cost_usd",
        "note",
    )  # fmt: skip
    list_filter = ("platform", "vendor")
    search_fields = ("id", "job__id", "run_ref", "owner__email", "keywords")


@admin.register(Trend)
class TrendAdmin(ReadOnlyAdmin):
    """Find a captured post."""

    list_display = ("scraped_at", "owner", "platform", "headline", "byline", "reach", "multiple", "score", "looks")
    list_filter = ("platform", "content_type")
    search_fields = ("id", "external_id", "owner__email")
    exclude = ("search",)


@admin.register(PlatformTotal)
class PlatformTotalAdmin(ReadOnlyAdmin):
    """How many trends people have."""

    list_display = ("owner", "platform", "count", "last_look_at")
    list_filter = ("platform",)
    search_fields = ("owner__email",)
    exclude = ("recent",)
