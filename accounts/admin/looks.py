"""Looks of staff in admin."""

from django.contrib import admin

from accounts.models import Impersonation
from kapture.web.admin import ReadOnlyAdmin


@admin.register(Impersonation)
class ImpersonationAdmin(ReadOnlyAdmin):
    """Who looked as whom, when and why; a look is begun on the page of the person."""

    list_display = ("created_at", "staff", "user", "reason", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    search_fields = ("staff__email", "user__email", "reason")
    list_select_related = ("staff", "user")
    date_hierarchy = "created_at"
