"""Who is on which plan: Stripe's copy is looked at, and staff grant plans and units."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import action

from billing.admin.forms import GrantPlanForm, GrantUnitsForm, TakeBackForm, fill_in
from billing.models import Customer, Subscription
from billing.queries import in_sentence
from billing.services.staff import grant_plan, grant_units, read_again, take_back
from kapture.core.choices import UsageKind
from kapture.core.errors import Conflict, NotFound
from kapture.web.admin import ReadOnlyAdmin, confirm

PLAN = "They are on the plan at once and for nothing, whatever they pay for, until it is taken back."
BACK = "What they pay for holds again at once, or else the default plan. What they used stays counted."
READ = "Subscriptions, open payments and invoices are asked for, and our copies brought up to date."
UNITS = "The units are added to what their months give, and stay until they are used."


class StripeAdmin(ReadOnlyAdmin):
    """Copies of what Stripe knows, which can be read again."""

    @admin.action(description="Read again from Stripe", permissions=["act"])
    def read_chosen(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Ask Stripe for the latest state of each."""
        asked = sum(read_again(request.user, row.user) for row in rows.select_related("user"))
        self._tell(request, asked)

    @action(description="Read again from Stripe", url_path="read", permissions=["act"])  # type: ignore[untyped-decorator]
    def read_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The same for the row that is looked at."""
        person = self.person(request, object_id)

        def done() -> HttpResponse:
            self._tell(request, int(read_again(request.user, person)))
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)

        return confirm(self, request, "Read again from Stripe", READ, done)

    def _tell(self, request: HttpRequest, asked: int) -> None:
        if asked:
            self.message_user(request, "It is read in the next seconds.")
        else:
            self.message_user(request, "Nothing to read: it was read just now, or is not at Stripe.", messages.WARNING)

    def person(self, request: HttpRequest, object_id: str) -> Any:
        """Whose row it is."""
        row = self.get_object(request, object_id)
        if row is None:
            raise NotFound
        return row.user


@admin.register(Subscription)
class SubscriptionAdmin(StripeAdmin):
    """Who is on which plan; `billing.services` writes the rows, from Stripe and for staff."""

    list_display = ("user", "granted_plan", "plan", "status", "period_end", "ends_at", "updated_at")
    list_filter = ("status", "granted_plan", "plan", "cancel_at_period_end", "is_collection_paused")
    search_fields = ("user__email", "stripe_id", "price_id")
    list_select_related = ("user", "plan", "granted_plan")
    actions: ClassVar = ["read_chosen"]
    actions_list: ClassVar = ["grant_plan", "grant_units", "take_back"]
    actions_detail: ClassVar = ["plan_of_one", "units_of_one", "back_of_one", "read_one"]

    @action(description="Grant a plan", url_path="grant-plan", permissions=["act"])  # type: ignore[untyped-decorator]
    def grant_plan(self, request: HttpRequest) -> HttpResponse:
        """Put somebody on a plan; `?user=` names the person."""

        def done(wanted: dict[str, Any]) -> HttpResponse:
            row = grant_plan(request.user, wanted["person"], wanted["plan"], wanted["reason"])
            return self._done(request, f"{wanted['person']} is on {wanted['plan']}.", row)

        return fill_in(self, request, GrantPlanForm, "Grant the plan", PLAN, done)

    @action(description="Take a grant back", url_path="take-back", permissions=["act"])  # type: ignore[untyped-decorator]
    def take_back(self, request: HttpRequest) -> HttpResponse:
        """End a grant; `?user=` names the person."""

        def done(wanted: dict[str, Any]) -> HttpResponse:
            try:
                row = take_back(request.user, wanted["person"], wanted["reason"])
            except Conflict as error:
                self.message_user(request, error.message, messages.WARNING)
                return redirect("admin:billing_subscription_changelist")
            return self._done(request, f"The grant of {wanted['person']} has ended.", row)

        return fill_in(self, request, TakeBackForm, "Take the grant back", BACK, done)

    @action(description="Grant units", url_path="grant-units", permissions=["act"])  # type: ignore[untyped-decorator]
    def grant_units(self, request: HttpRequest) -> HttpResponse:
        """Give somebody units beyond the month; `?user=` names the person."""

        def done(wanted: dict[str, Any]) -> HttpResponse:
            person, kind, units = wanted["person"], UsageKind(wanted["kind"]), wanted["units"]
            if grant_units(request.user, person, kind, units, wanted["reason"], wanted["decision"]):
                self.message_user(request, f"{person} has {units:,} more {in_sentence(str(kind.label))}.")
            else:
                self.message_user(request, "These units were given already.", messages.WARNING)
            return redirect(f"{reverse('admin:billing_usageperiod_changelist')}?{urlencode({'q': person.email})}")

        return fill_in(self, request, GrantUnitsForm, "Grant the units", UNITS, done)

    @action(description="Grant a plan", url_path="plan", permissions=["act"])  # type: ignore[untyped-decorator]
    def plan_of_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the form, about this person."""
        return self._form(request, object_id, "grant_plan")

    @action(description="Grant units", url_path="units", permissions=["act"])  # type: ignore[untyped-decorator]
    def units_of_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the form, about this person."""
        return self._form(request, object_id, "grant_units")

    @action(description="Take the grant back", url_path="back", permissions=["act"])  # type: ignore[untyped-decorator]
    def back_of_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the form, about this person."""
        return self._form(request, object_id, "take_back")

    def _form(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        person = self.person(request, object_id)
        return redirect(f"{reverse(f'admin:billing_subscription_{name}')}?user={person.pk}")

    def _done(self, request: HttpRequest, text: str, row: Subscription) -> HttpResponse:
        self.message_user(request, text)
        return redirect("admin:billing_subscription_change", row.pk)


@admin.register(Customer)
class CustomerAdmin(StripeAdmin):
    """Who people are at Stripe."""

    list_display = ("user", "stripe_id", "synced_at", "created_at")
    search_fields = ("user__email", "stripe_id")
    list_select_related = ("user",)
    actions: ClassVar = ["read_chosen"]
    actions_detail: ClassVar = ["read_one"]
