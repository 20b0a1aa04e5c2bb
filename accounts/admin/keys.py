"""API keys in admin."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import ApiKey
from accounts.services import revoke_key
from kapture.web.admin import ReadOnlyAdmin


class StateFilter(admin.SimpleListFilter):
    """Whether a key works."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("usable", "Works"), ("expired", "Expired"), ("revoked", "Revoked")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The keys of the chosen state."""
        match self.value():
            case "usable":
                return queryset.usable()
            case "expired":
                return queryset.filter(revoked_at=None, expires_at__lte=timezone.now())
            case "revoked":
                return queryset.exclude(revoked_at=None)
        return queryset


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Which keys exist, and the end of those that leaked; people make their own, and secrets are nowhere."""

    list_display = (
        "name", "prefix", "owner", "scope", "daily_cap", "is_dry_run", "last_used_at", "expires_at", "revoked_at",
    )  # fmt: skip
    list_filter = (StateFilter, "scope", "is_dry_run")
    search_fields = ("name", "prefix", "owner__email")
    exclude = ("digest",)
    list_select_related = ("owner",)
    actions: ClassVar = ["revoke_keys"]

    @admin.action(description="Revoke the chosen keys", permissions=["act"])
    def revoke_keys(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """End each at once, on record."""
        for key in keys:
            revoke_key(request.user, key)
