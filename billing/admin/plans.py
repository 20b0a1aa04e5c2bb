"""Plans and top-ups in admin; people are on them, so neither is ever deleted."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from billing.admin.forms import PackForm, PlanForm
from billing.models import Plan, TopUpPack
from billing.offers import storage
from billing.queries import price
from billing.services.staff import make_default, plan_saved
from kapture.audit.admin import AuditedAdmin
from kapture.core.errors import DomainError, NotFound
from kapture.web.admin import confirm

DEFAULT = "Everybody who neither pays for a plan nor was granted one is on it at once, with its limits."


@admin.register(Plan)
class PlanAdmin(ModelAdmin):  # type: ignore[misc]
    """Edit plans; a change holds at once for everybody on the plan."""

    form = PlanForm
    list_display = (
        "name", "costs", "scrapes", "downloads", "ai_generations", "stores", "retention_days", "requests_per_minute",
        "is_default", "is_public", "on_sale", "position",
    )  # fmt: skip
    list_filter = ("is_public", "is_default")
    search_fields = ("name", "slug", "stripe_price_id")
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    fieldsets = (
        (None, {"fields": ("name", "slug", "description", "position", "is_public", "is_default")}),
        ("Price", {"fields": ("price_cents", "stripe_price_id")}),
        ("A month gives", {"fields": ("scrapes", "downloads", "ai_generations")}),
        ("Bounds", {"fields": ("storage", "retention_days", "concurrent_downloads", "requests_per_minute", "flags")}),
    )
    readonly_fields = ("is_default",)
    actions: ClassVar = ["make_default"]
    actions_detail: ClassVar = ["make_this_default"]

    @display(description="price", ordering="price_cents")  # type: ignore[untyped-decorator]
    def costs(self, plan: Plan) -> str:
        """A month."""
        return price(plan)

    @display(description="storage", ordering="storage_bytes")  # type: ignore[untyped-decorator]
    def stores(self, plan: Plan) -> str:
        """Media kept at most."""
        return storage(plan.storage_bytes)

    @display(description="on sale", boolean=True)  # type: ignore[untyped-decorator]
    def on_sale(self, plan: Plan) -> bool:
        """Whether it can be bought."""
        return plan.is_public and bool(plan.stripe_price_id)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Hide a plan instead: people are on it, and everybody without a plan is on the default one."""
        return False

    def save_model(self, request: HttpRequest, obj: Plan, form: Any, change: bool) -> None:
        """Save, carry into the running month, and record who did it."""
        super().save_model(request, obj, form, change)
        plan_saved(request.user, obj, form.changes())

    @admin.action(description="Make the chosen plan the default", permissions=["change"])
    def make_default(self, request: HttpRequest, plans: QuerySet[Plan]) -> None:
        """The plan of people who have no other."""
        if len(plans) != 1:
            self.message_user(request, "Choose one plan: there is exactly one default.", messages.WARNING)
            return
        self._make(request, plans[0])

    @action(description="Make this the default plan", url_path="make-default", permissions=["change"])  # type: ignore[untyped-decorator]
    def make_this_default(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The same for the plan that is looked at."""
        plan = self.get_object(request, object_id)
        if plan is None:
            raise NotFound

        def done() -> HttpResponse:
            self._make(request, plan)
            return redirect("admin:billing_plan_change", plan.pk)

        return confirm(self, request, f"Make {plan.name} the default plan", DEFAULT, done)

    def _make(self, request: HttpRequest, plan: Plan) -> None:
        try:
            make_default(request.user, plan)
        except DomainError as error:
            self.message_user(request, error.message, messages.WARNING)
        else:
            self.message_user(request, f"{plan.name} is the plan of everybody who has no other now.")


@admin.register(TopUpPack)
class TopUpPackAdmin(AuditedAdmin, ModelAdmin):  # type: ignore[misc]
    """Edit packs; what was bought stays as it was."""

    list_display = ("name", "kind", "units", "costs", "is_public", "stripe_price_id", "position")
    list_filter = ("kind", "is_public")
    search_fields = ("name", "stripe_price_id")
    form = PackForm

    @display(description="price", ordering="price_cents")  # type: ignore[untyped-decorator]
    def costs(self, pack: TopUpPack) -> str:
        """Once."""
        return price(pack)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Hide a pack instead: payments name it."""
        return False
