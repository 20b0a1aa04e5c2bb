"""Stored objects in admin: looked at, never edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from kapture.objects.models import StoredObject


@admin.register(StoredObject)
class StoredObjectAdmin(ModelAdmin):  # type: ignore[misc]
    """Find a file by owner, key or job."""

    list_display = ("created_at", "key", "owner", "state", "size", "content_type")
    list_filter = ("state", "content_type")
    search_fields = ("key", "owner__email", "job_id", "sha256")
    list_select_related = ("owner",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Objects come from jobs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows follow the store."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The room that owns the file discards it."""
        return False
