"""The ledger in admin: read only, because `billing.services` keeps its sums."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from billing.models import Reservation, UsagePeriod
from kapture.web.admin import ReadOnlyAdmin


@admin.register(UsagePeriod)
class UsagePeriodAdmin(ReadOnlyAdmin):
    """Months and top-ups of people."""

    list_display = ("user", "kind", "source", "starts_at", "used", "held", "limit", "archived_at")
    list_filter = ("source", "kind", "starts_at", ("archived_at", admin.EmptyFieldListFilter))
    search_fields = ("user__email", "source_id")
    list_select_related = ("user",)
    readonly_fields = ("receipts",)

    @display(description="receipts")  # type: ignore[untyped-decorator]
    def receipts(self, row: UsagePeriod) -> str:
        """What was held of it, which may be thousands of rows, in a list of its own."""
        url = reverse("admin:billing_reservation_changelist")
        return format_html('<a href="{}?period__id__exact={}">Show them</a>', url, row.pk)


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    """Receipts: what each piece of work held, and what of it was charged."""

    led_to_by = ("period",)
    list_display = ("created_at", "person", "kind", "source", "amount", "settled", "state", "reason", "source_id")
    list_filter = ("state", "period__kind", "period__source", "created_at")
    search_fields = ("source_id", "period__user__email")
    list_select_related = ("period__user",)

    @display(description="person", ordering="period__user__email")  # type: ignore[untyped-decorator]
    def person(self, row: Reservation) -> str:
        """Whose units they were."""
        return str(row.period.user)

    @display(description="kind", ordering="period__kind")  # type: ignore[untyped-decorator]
    def kind(self, row: Reservation) -> str:
        """Of what."""
        return row.period.get_kind_display()

    @display(description="from", ordering="period__source")  # type: ignore[untyped-decorator]
    def source(self, row: Reservation) -> str:
        """The month or a top-up."""
        return row.period.get_source_display()
