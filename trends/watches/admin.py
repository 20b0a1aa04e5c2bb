"""Watches in admin, to be read: people change theirs on their pages, and everything else follows from the clock."""

from typing import ClassVar
from urllib.parse import urlsplit

from django.contrib import admin

from kapture.web.admin import ReadOnlyAdmin
from trends.models import Alert, Mark, Rule, Watch, WatchRun, WatchTrend


@admin.register(Watch)
class WatchAdmin(ReadOnlyAdmin):
    """Find a watch, when it runs next, and for whom."""

    list_display = ("name", "owner", "keywords", "platforms", "every_minutes", "cron", "state", "next_run_at")
    list_filter = ("state",)
    list_select_related = ("owner",)
    search_fields = ("id", "name", "owner__email")
    # Who has the secret can sign messages in the owner's name, and of many receivers the path is one.
    exclude: ClassVar = ["webhook_secret", "webhook_url"]
    readonly_fields = ("posts_to",)

    @admin.display(description="posts alerts to")
    def posts_to(self, watch: Watch) -> str:
        """The host of the address that the owner gave."""
        return urlsplit(watch.webhook_url).hostname or "-"


@admin.register(WatchRun)
class WatchRunAdmin(ReadOnlyAdmin):
    """Find what became of a slot."""

    list_display = ("slot", "watch", "by_hand", "state", "found", "fresh", "note")
    list_filter = ("state", "by_hand")
    list_select_related = ("watch",)
    search_fields = ("id", "watch__id", "watch__owner__email")


@admin.register(WatchTrend)
class WatchTrendAdmin(ReadOnlyAdmin):
    """Find which watch met a post."""

    list_display = ("at", "watch", "trend_id")
    list_select_related = ("watch",)
    search_fields = ("watch__id", "trend__id")
    fields = ("watch", "trend_id", "at")


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    """Find when a watch raises alerts."""

    list_display = ("watch", "metric", "at_least", "is_on", "updated_at")
    list_filter = ("metric", "is_on")
    list_select_related = ("watch",)
    search_fields = ("id", "watch__id", "watch__owner__email")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Find what was claimed of a post."""

    list_display = ("raised_at", "owner", "rule", "trend_id", "value", "reach")
    list_filter = ("rule__metric",)
    list_select_related = ("owner", "rule")
    search_fields = ("id", "trend__id", "owner__email")
    fields = ("owner", "rule", "trend_id", "raised_at", "value", "reach")


@admin.register(Mark)
class MarkAdmin(ReadOnlyAdmin):
    """Find how an alert turned out."""

    list_display = ("due_at", "alert_id", "hours", "target", "state", "reach", "measured_at")
    list_filter = ("state", "hours")
    search_fields = ("id", "alert__id", "alert__owner__email")
    fields = ("alert_id", "hours", "due_at", "target", "state", "reach", "measured_at", "look_id")
