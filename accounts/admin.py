"""People and keys in admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as FrameworkUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from accounts.models import ApiKey, User
from kapture.audit.services import record


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]  # generic for the type checker only
    """An address and a password."""

    class Meta:
        model = User
        fields = ("email",)


@admin.register(User)
class UserAdmin(FrameworkUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """Find, add and suspend people."""

    form = UserChangeForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("-date_joined",)
    list_display = ("email", "name", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name", "id")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "avatar_url")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("date_joined", "last_login")}),
    )
    readonly_fields = ("date_joined", "last_login")
    add_fieldsets: Any = [  # noqa: RUF012  # the base declares it so
        (None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Suspend people instead: their work, files and receipts hang on them."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and record who did it."""
        super().save_model(request, obj, form, change)
        record(request.user, "accounts.user_saved", obj, changed=form.changed_data)


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):  # type: ignore[misc]
    """Which keys exist; secrets are nowhere."""

    list_display = ("name", "prefix", "owner", "scope", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("scope",)
    search_fields = ("name", "prefix", "owner__email")
    exclude = ("digest",)
    list_select_related = ("owner",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People make their own."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keys do not change."""
        return False
