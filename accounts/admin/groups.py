"""Groups of staff in admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as FrameworkGroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from kapture.audit.admin import AuditedAdmin

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(AuditedAdmin, FrameworkGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """What members of the staff may do; only superusers decide, or one could give oneself everything."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)
