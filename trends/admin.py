"""Trends in admin: scrapes and what they found, to be read."""

from django.contrib import admin

from kapture.web.admin import ReadOnlyAdmin
from trends.models import Category, Change, PlatformTotal, SavedView, Scrape, Trend
from trends.watches import admin as _watches  # noqa: F401  # registers its pages by being loaded


@admin.register(Scrape)
class ScrapeAdmin(ReadOnlyAdmin):
    """Find a search, its vendor run and what became of its items."""

    list_display = (
        "created_at", "owner", "platform", "keywords", "limit", "read", "stored", "merged", "rejected", "cost_usd",
        "note",
    )  # fmt: skip
    list_filter = ("platform", "vendor")
    list_select_related = ("owner",)
    search_fields = ("id", "job__id", "run_ref", "owner__email", "keywords")


@admin.register(Trend)
class TrendAdmin(ReadOnlyAdmin):
    """Find a captured post; deleting one moves the totals, so it goes through the owner's pages."""

    list_display = ("scraped_at", "owner", "platform", "headline", "byline", "reach", "multiple", "score", "looks")
    list_filter = ("platform", "content_type")
    list_select_related = ("owner",)
    search_fields = ("id", "external_id", "owner__email")
    exclude = ("search",)


@admin.register(PlatformTotal)
class PlatformTotalAdmin(ReadOnlyAdmin):
    """How many trends people have."""

    list_display = ("owner", "platform", "count", "last_look_at")
    list_filter = ("platform",)
    list_select_related = ("owner",)
    search_fields = ("owner__email",)
    exclude = ("recent",)


@admin.register(Category)
class CategoryAdmin(ReadOnlyAdmin):
    """Find the shelves of somebody."""

    list_display = ("name", "owner", "created_at")
    list_select_related = ("owner",)
    search_fields = ("id", "name", "owner__email")


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyAdmin):
    """Find the saved filters of somebody."""

    list_display = ("name", "owner", "query", "created_at")
    list_select_related = ("owner",)
    search_fields = ("id", "name", "owner__email")


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    """Find what somebody did to many trends, and whether it was taken back."""

    list_display = ("created_at", "owner", "action", "undone_at")
    list_filter = ("action",)
    list_select_related = ("owner",)
    search_fields = ("id", "owner__email")
