"""Our copies of Stripe's invoices."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Min, Q

from billing.models import Invoice
from kapture.core.ids import new_id
from kapture.gateways.payments import InvoiceFacts, InvoiceStatus

FINAL = (InvoiceStatus.PAID.value, InvoiceStatus.VOID.value)
COPIED = ("number", "status", "currency", "due", "paid", "issued_at", "page_url", "pdf_url", "updated_at")
MARGIN = timedelta(days=1)


def open_since(user_id: UUID) -> datetime | None:
    """From when on somebody's invoices may differ from our copies; None when there are no copies."""
    rows = Invoice.objects.filter(user_id=user_id)
    seen = rows.aggregate(newest=Max("issued_at"), unsettled=Min("issued_at", filter=~Q(status__in=FINAL)))
    first = seen["unsettled"] or seen["newest"]
    return None if first is None else first - MARGIN


def write_invoices(user_id: UUID, found: Iterable[InvoiceFacts]) -> None:
    """Add new ones and bring the others up to date; drafts are Stripe's own affair."""
    Invoice.objects.bulk_create(
        [
            Invoice(
                id=new_id(),
                user_id=user_id,
                stripe_id=facts.id,
                number=facts.number,
                status=facts.status.value,
                currency=facts.currency,
                due=facts.amount_due,
                paid=facts.amount_paid,
                issued_at=facts.created,
                page_url=facts.hosted_url,
                pdf_url=facts.pdf_url,
            )
            for facts in found
            if facts.status != InvoiceStatus.DRAFT
        ],
        update_conflicts=True,
        unique_fields=["stripe_id"],
        update_fields=COPIED,
    )
