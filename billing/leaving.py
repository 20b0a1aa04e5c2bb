"""What of this room ends, goes and stays when somebody leaves: accounts must be kept, the person in them not."""

from typing import Any

from accounts.closing.register import Stage, keep, register, warn
from accounts.closing.scrubbing import erase, scrub_rows
from accounts.closing.traces import remember
from billing.entitlements import ENDED, OVERDUE
from billing.models import (
    Checkout,
    Customer,
    Invoice,
    Reservation,
    Subscription,
    SubscriptionStatus,
    UsageNotice,
    UsagePeriod,
)
from billing.services import release
from billing.services.leaving import leave_stripe

# A trial, and what a trial without a way to pay becomes.
UNPAID_YET = frozenset({SubscriptionStatus.TRIALING, SubscriptionStatus.PAUSED})


def release_holds(user: Any) -> None:
    """Give back what is held without a job; the ends of jobs have given back the rest."""
    held = Reservation.objects.filter(period__user=user, state=Reservation.State.HELD, expires_at__isnull=False)
    for source_id in set(held.values_list("source_id", flat=True)):
        release(source_id, "closing")


def leave(user: Any) -> None:
    """Leave Stripe; its last words, which come after that, are known by the fingerprint of the customer."""
    customer = Customer.objects.filter(user=user).first()
    if customer is not None and customer.stripe_id:
        remember("stripe", customer.stripe_id)
    leave_stripe(user)


def erase_billing(user: Any) -> None:
    """Delete what was ordered, and leave of invoices what bookkeeping needs: number, date and amount."""
    erase(Checkout.objects.filter(user=user))
    erase(Subscription.objects.filter(user=user))
    erase(Customer.objects.filter(user=user))
    scrub_rows(Invoice.objects.filter(user=user), page_url="", pdf_url="")
    scrub_rows(UsagePeriod.objects.filter(user=user))


def paid_plan(user: Any) -> str:
    """What becomes of a subscription that goes on; empty for somebody who has none."""
    rows = Subscription.objects.filter(user_id=user.pk, stripe_id__isnull=False).exclude(status__in=ENDED)
    row = rows.select_related("plan").first()
    if row is None:
        return ""
    name = row.plan.name if row.plan is not None else "your plan"
    if row.status in OVERDUE:
        since = f" since {row.period_start:%-d %B %Y}" if row.period_start is not None else ""
        return f"You have not paid for {name}{since}. Your subscription ends at once, and nothing more is charged."
    if row.status in UNPAID_YET:
        return f"You pay nothing for {name} so far. Your subscription ends at once, and nothing is charged."
    until = f", which is paid until {row.period_end:%-d %B %Y}," if row.period_end is not None else ""
    return f"You pay for {name}. Your subscription{until} ends at once, and nothing is charged or paid back."


def register_all() -> None:
    """Enter the parts into the register of closings."""
    register(Stage.STOP, "holds_released", 50, release_holds)
    register(Stage.LEAVE, "stripe_left", 10, leave)
    register(Stage.ERASE, "billing", 50, erase_billing)
    keep(UsagePeriod, "The ledger: what was granted and used, by the row of a closed account.")
    keep(Reservation, "The ledger: what was held and charged.")
    keep(UsageNotice, "It belongs to the ledger's rows and says nothing but a percentage.")
    keep(Invoice, "Bookkeeping needs number, date and amount; the links to Stripe's pages go.")
    warn(paid_plan)
