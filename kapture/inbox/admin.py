"""Events in admin: read, never changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from kapture.inbox.models import WebhookEvent


@admin.register(WebhookEvent)
class WebhookEventAdmin(ModelAdmin):  # type: ignore[misc]
    """What vendors sent and what became of it."""

    list_display = ("created_at", "provider", "kind", "event_id", "state", "applied_at")
    list_filter = ("provider", "state", "kind")
    search_fields = ("event_id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Events come from vendors."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was signed stays as it is."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A deleted event could be applied twice."""
        return False
