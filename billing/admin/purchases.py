"""Payments in admin: visits to the payment page and invoices, copied from Stripe and never written here."""

from django.contrib import admin
from unfold.decorators import display

from billing.invoices import money
from billing.models import Checkout, Invoice
from kapture.web.admin import ReadOnlyAdmin


@admin.register(Checkout)
class CheckoutAdmin(ReadOnlyAdmin):
    """Who went to pay for what, and what became of it; the address of an open page is its owner's alone."""

    list_display = ("created_at", "user", "plan", "pack", "state", "ended_at", "stripe_id")
    list_filter = ("state", "plan", "pack", "created_at")
    search_fields = ("user__email", "stripe_id", "id")
    list_select_related = ("user", "plan", "pack")
    exclude = ("url",)


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    """What was billed."""

    list_display = ("issued_at", "user", "number", "billed", "status", "stripe_id")
    list_filter = ("status", "currency", "issued_at")
    search_fields = ("user__email", "number", "stripe_id")
    list_select_related = ("user",)
    exclude = ("page_url", "pdf_url")

    @display(description="amount", ordering="due")  # type: ignore[untyped-decorator]
    def billed(self, row: Invoice) -> str:
        """In its currency."""
        return money(row.due, row.currency)
