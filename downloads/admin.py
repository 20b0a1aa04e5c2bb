"""Downloads in admin: looked at, never edited."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from downloads.models import Download


@admin.register(Download)
class DownloadAdmin(ModelAdmin):  # type: ignore[misc]
    """Find a download by owner, address, checksum or job."""

    list_display = ("created_at", "headline", "owner", "state", "reason", "kind", "platform", "size")
    list_filter = ("state", "kind", "platform", "job__error_code")
    search_fields = ("url", "title", "sha256", "owner__email", "job__id")
    list_select_related = ("owner", "job")
    date_hierarchy = "created_at"
    show_full_result_count = False
    exclude: ClassVar = ["search"]

    @admin.display(description="Reason")
    def reason(self, download: Download) -> str:
        """Why it failed."""
        return download.job.error_code

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Downloads come from requests."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows follow the work."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting goes through the service, which also discards the files."""
        return False
