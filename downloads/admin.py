"""Downloads in admin: looked at, never edited."""

from typing import ClassVar

from django.contrib import admin

from downloads.models import Download
from kapture.web.admin import ReadOnlyAdmin


@admin.register(Download)
class DownloadAdmin(ReadOnlyAdmin):
    """Find a download by owner, address, checksum or job; the service deletes it, together with its files."""

    list_display = ("created_at", "headline", "owner", "state", "reason", "kind", "platform", "size")
    list_filter = ("state", "kind", "platform", "job__error_code")
    search_fields = ("url", "title", "sha256", "owner__email", "job__id")
    list_select_related = ("owner", "job")
    date_hierarchy = "created_at"
    exclude: ClassVar = ["search"]

    @admin.display(description="Reason")
    def reason(self, download: Download) -> str:
        """Why it failed."""
        return download.job.error_code
