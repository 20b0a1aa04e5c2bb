"""What became of visits to the payment page, and the units bought there."""

from collections.abc import Iterable, Set
from uuid import UUID

from django.db.models.functions import Now

from billing.models import Checkout, Customer, UsagePeriod
from billing.services.topups import top_up
from kapture.core.choices import UsageKind
from kapture.gateways.payments import CheckoutFacts, CheckoutStatus, PaymentStatus

State = Checkout.State
MOST_VISITS = 20
MONEY_CAME = frozenset({PaymentStatus.PAID, PaymentStatus.NO_PAYMENT_REQUIRED})


def open_visits(user_id: UUID) -> list[str]:
    """Stripe's ids of somebody's visits that have no end yet, newest first."""
    rows = Checkout.objects.filter(user_id=user_id, state=State.OPEN, stripe_id__isnull=False)
    return [stripe_id for stripe_id in rows.values_list("stripe_id", flat=True)[:MOST_VISITS] if stripe_id]


def settle_checkouts(customer: Customer, found: Iterable[CheckoutFacts], failed: Set[str] = frozenset()) -> None:
    """Write how visits ended, and give what was paid for once; runs in a transaction.

    Only visits this customer made here count: whatever else names a user is not looked at.
    """
    for facts in found:
        if facts.customer_id == customer.stripe_id:
            rows = Checkout.objects.select_for_update(of=("self",)).select_related("pack", "user")
            row = rows.filter(stripe_id=facts.id, user_id=customer.user_id).first()
            if row is not None:
                _settle(row, facts, facts.id in failed)


def _settle(row: Checkout, facts: CheckoutFacts, failed: bool) -> None:
    if facts.status == CheckoutStatus.COMPLETE and facts.payment_status in MONEY_CAME:
        _end(row, State.PAID)
        if row.pack is not None:
            source, kind = UsagePeriod.Source.PURCHASE, UsageKind(row.pack.kind)
            top_up(row.user, kind, row.pack.units, source=source, source_id=facts.id, actor=row.user)
    elif row.state == State.OPEN and facts.status == CheckoutStatus.EXPIRED:
        _end(row, State.EXPIRED)
    elif row.state == State.OPEN and failed:
        # Complete and unpaid is also how money on its way looks; only Stripe's own word tells that it will not come.
        _end(row, State.FAILED)


def _end(row: Checkout, state: Checkout.State) -> None:
    """Move a visit to an end; money that came after all moves it out of another end."""
    Checkout.objects.filter(pk=row.pk).exclude(state=state).update(state=state, ended_at=Now(), updated_at=Now())
