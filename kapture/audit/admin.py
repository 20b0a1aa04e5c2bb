"""The audit log in admin, and admin on the audit log."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from kapture.audit.models import AuditEvent
from kapture.audit.services import record
from kapture.web.admin import ReadOnlyAdmin


class AuditedAdmin:
    """Records what staff add, change and delete, in the transaction in which Django's admin does it.

    For rows that no service writes; where one does, it records by itself.
    """

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list; an action on many is one transaction, as Django's forms are."""
        with transaction.atomic():
            return super().changelist_view(request, extra_context)  # type: ignore[misc]

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Somebody added a row."""
        record(request.user, f"{obj._meta.label_lower}_added", obj)
        return super().log_addition(request, obj, message)  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Somebody changed a row."""
        record(request.user, f"{obj._meta.label_lower}_changed", obj, message=message)
        return super().log_change(request, obj, message)  # type: ignore[misc]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Somebody is about to delete rows."""
        for obj in queryset:
            record(request.user, f"{obj._meta.label_lower}_deleted", obj)
        return super().log_deletions(request, queryset)  # type: ignore[misc]


class AreaFilter(admin.SimpleListFilter):
    """The first part of what was done: which room it belongs to."""

    title = "area"
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The areas there are."""
        names = AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct()
        return [(area, area.capitalize()) for area in sorted({name.partition(".")[0] for name in names})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """The events of the chosen area."""
        return queryset.filter(action__startswith=f"{self.value()}.") if self.value() else queryset


class ByFilter(admin.SimpleListFilter):
    """Who did it: staff, people themselves, or the machine."""

    title = "by"
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("staff", "Staff"), ("people", "People"), ("machine", "The machine")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """The events of the chosen doers."""
        match self.value():
            case "staff":
                return queryset.filter(actor__is_staff=True)
            case "people":
                return queryset.filter(actor__is_staff=False)
            case "machine":
                return queryset.filter(actor=None)
        return queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what, and in which request; rows are added with the changes they tell of."""

    list_display = ("created_at", "actor", "action", "subject_type", "subject_id", "request_id")
    list_filter = (ByFilter, AreaFilter, "created_at", "subject_type")
    search_fields = ("action", "subject_id", "actor__email", "request_id")
    search_help_text = (
        "What was done, the id of what it was done to, the address of who did it, or the id of the request."
    )
    list_select_related = ("actor",)
    date_hierarchy = "created_at"
