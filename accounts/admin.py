"""People and keys in admin."""

from typing import Any, ClassVar

from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as FrameworkUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from accounts.models import ApiKey, User
from accounts.services import revoke_key, trust_address
from kapture.audit.services import record
from kapture.web.admin import ReadOnlyAdmin

# allauth's page searches people by a name they do not have here.
admin.site.unregister(UserSession)


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
        if not change or "email" in form.changed_data:
            trust_address(obj)
        record(request.user, "accounts.user_saved", obj, changed=form.changed_data)


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Which keys exist, and the end of those that leaked; people make their own, and secrets are nowhere."""

    list_display = ("name", "prefix", "owner", "scope", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("scope",)
    search_fields = ("name", "prefix", "owner__email")
    exclude = ("digest",)
    list_select_related = ("owner",)
    actions: ClassVar = ["revoke_keys"]

    @admin.action(description="Revoke the chosen keys", permissions=["view"])
    def revoke_keys(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """End each at once, on record."""
        for key in keys:
            revoke_key(request.user, key)
