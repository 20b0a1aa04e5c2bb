"""Plans, subscriptions and the ledger in admin; the ledger is read only."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from billing.models import Plan, Reservation, Subscription, UsagePeriod
from billing.services import apply_plan, choose_plan
from kapture.audit.services import record
from kapture.web.admin import ReadOnlyAdmin


@admin.register(Plan)
class PlanAdmin(ModelAdmin):  # type: ignore[misc]
    """Edit plans; a change holds at once for everybody on the plan."""

    list_display = (
        "name",
        "price_cents",
        "scrapes",
        "downloads",
        "ai_generations",
        "is_default",
        "is_public",
        "position",
    )
    prepopulated_fields: ClassVar = {"slug": ["name"]}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Hide a plan instead: people are on it, and everybody without a plan is on the default one."""
        return False

    def save_model(self, request: HttpRequest, obj: Plan, form: Any, change: bool) -> None:
        """Save, carry into the running month, and record who did it."""
        super().save_model(request, obj, form, change)
        apply_plan(obj)
        record(request.user, "billing.plan_saved", obj, changed=form.changed_data)


@admin.register(Subscription)
class SubscriptionAdmin(ModelAdmin):  # type: ignore[misc]
    """Who is on which plan."""

    list_display = ("user", "granted_plan", "plan", "status", "updated_at")
    list_filter = ("granted_plan", "plan", "status")
    fields = ("user", "granted_plan")
    search_fields = ("user__email",)
    autocomplete_fields = ("user",)
    list_select_related = ("user", "plan", "granted_plan")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Choose the default plan instead: deleting would leave the running month's limits as they are."""
        return False

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        """Through the service, so that limits follow."""
        saved = choose_plan(obj.user, obj.granted_plan, request.user)
        obj.pk = saved.pk


class ReservationInline(TabularInline):  # type: ignore[misc]
    """The holds of a period."""

    model = Reservation
    extra = 0
    can_delete = False
    fields = ("created_at", "source_id", "amount", "settled", "state", "reason", "level_after", "ended_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(UsagePeriod)
class UsagePeriodAdmin(ReadOnlyAdmin):
    """Months of people."""

    list_display = ("user", "kind", "starts_at", "used", "held", "limit")
    list_filter = ("kind", "starts_at")
    search_fields = ("user__email",)
    list_select_related = ("user",)
    inlines: ClassVar = [ReservationInline]


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    """Receipts."""

    list_display = ("created_at", "source_id", "amount", "settled", "state", "reason")
    list_filter = ("state", "period__kind")
    search_fields = ("source_id", "period__user__email")
