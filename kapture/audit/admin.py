"""The audit log in admin."""

from django.contrib import admin

from kapture.audit.models import AuditEvent
from kapture.web.admin import ReadOnlyAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what, and in which request; rows are added with the changes they tell of."""

    list_display = ("created_at", "actor", "action", "subject_type", "subject_id", "request_id")
    search_fields = ("action", "subject_id", "actor__email", "request_id")
    list_select_related = ("actor",)
    date_hierarchy = "created_at"
