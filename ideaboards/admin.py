"""Boards and generations in admin, to look at and not to edit."""

from django.contrib import admin

from ideaboards.models import Generation, Ideaboard
from kapture.web.admin import ReadOnlyAdmin


@admin.register(Ideaboard)
class IdeaboardAdmin(ReadOnlyAdmin):
    """What people write, without their text."""

    list_display = ("title", "owner", "state", "version", "edited_at")
    list_filter = ("state",)
    list_select_related = ("owner",)
    search_fields = ("id", "title", "owner__email")
    fields = ("id", "owner", "title", "state", "tags", "version", "created_at", "edited_at")


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
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
    list_select_related = ("owner",)
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
