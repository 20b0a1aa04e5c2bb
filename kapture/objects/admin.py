"""Stored objects in admin: looked at, never edited."""

from django.contrib import admin

from kapture.objects.models import StoredObject
from kapture.web.admin import ReadOnlyAdmin


@admin.register(StoredObject)
class StoredObjectAdmin(ReadOnlyAdmin):
    """Find a file by owner, key or job; the room that owns the file discards it."""

    list_display = ("created_at", "key", "owner", "state", "size", "content_type")
    list_filter = ("state", "content_type")
    search_fields = ("key", "owner__email", "job_id", "sha256")
    list_select_related = ("owner",)
