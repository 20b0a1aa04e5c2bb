"""Downloads in admin: looked at, never edited."""

from typing import ClassVar

from django.contrib import admin

from downloads.models import Caption, Download, Evidence, Keeping, Policy
from kapture.web.admin import ReadOnlyAdmin


@admin.register(Download)
class DownloadAdmin(ReadOnlyAdmin):
    """Find a download by owner, address, checksum or job; the service deletes it, together with its files."""

    list_display = ("created_at", "headline", "owner", "state", "reason", "kind", "platform", "size")
    list_filter = ("state", "kind", "platform", "reason")
    search_fields = ("url", "title", "sha256", "owner__email", "job__id")
    list_select_related = ("owner", "job")
    date_hierarchy = "created_at"
    exclude: ClassVar = ["search"]


@admin.register(Caption)
class CaptionAdmin(ReadOnlyAdmin):
    """Find captions by owner, language or words."""

    list_display = ("created_at", "download", "owner", "language", "automatic")
    list_filter = ("automatic",)
    search_fields = ("language", "owner__email", "download__title")
    list_select_related = ("owner", "download")
    exclude: ClassVar = ["search", "cues"]


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    """Find evidence by owner, address or seal."""

    list_display = ("captured_at", "title", "owner", "url", "digest")
    search_fields = ("url", "title", "digest", "media_sha256", "owner__email")
    list_select_related = ("owner",)
    date_hierarchy = "captured_at"


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    """See how somebody wants downloads; only they change it."""

    list_display = ("owner", "host", "kind", "quality", "convert_to", "subtitles", "lane")
    list_filter = ("kind",)
    search_fields = ("host", "owner__email")
    list_select_related = ("owner",)


@admin.register(Keeping)
class KeepingAdmin(ReadOnlyAdmin):
    """See for how long somebody's media is kept, and since when; it follows their plan."""

    list_display = ("owner", "days", "shortened_at")
    search_fields = ("owner__email",)
    list_select_related = ("owner",)
