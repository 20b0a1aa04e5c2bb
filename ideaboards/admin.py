"""Boards and generations in admin, to look at and not to edit."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ideaboards.models import Generation, Ideaboard


class LookAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows that their owner or the machine writes."""

    show_full_result_count = False
    list_select_related = ("owner",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Ideaboard)
class IdeaboardAdmin(LookAdmin):
    """What people write, without their text."""

    list_display = ("title", "owner", "state", "version", "edited_at")
    list_filter = ("state",)
    search_fields = ("id", "title", "owner__email")
    fields = ("id", "owner", "title", "state", "tags", "version", "created_at", "edited_at")


@admin.register(Generation)
class GenerationAdmin(LookAdmin):
    """What was asked of the model, what it used, and how it ended."""

    list_display = (
        "created_at",
        "owner",
        "kind",
        "state",
        "error_code",
        "model",
        "tokens_in",
        "tokens_out",
        "cost_micro_usd",
    )
    list_filter = ("state", "kind", "error_code", "model")
    search_fields = ("id", "owner__email", "board__id")
    fields = (
        "id",
        "owner",
        "board",
        "kind",
        "state",
        "error_code",
        "error_message",
        "model",
        "tokens_in",
        "tokens_out",
        "tokens_estimated",
        "cost_micro_usd",
        "shortened",
        "created_at",
        "finished_at",
    )
