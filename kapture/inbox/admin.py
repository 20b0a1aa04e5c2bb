"""Events in admin: read, never changed."""

from django.contrib import admin

from kapture.inbox.models import WebhookEvent
from kapture.web.admin import ReadOnlyAdmin


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """What vendors sent and what became of it; what was signed stays, and a deleted event could be applied twice."""

    list_display = ("created_at", "provider", "kind", "event_id", "state", "applied_at")
    list_filter = ("provider", "state", "kind")
    search_fields = ("event_id",)
