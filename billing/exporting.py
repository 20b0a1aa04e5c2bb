"""What this room adds to somebody's export."""

from collections.abc import Iterator
from typing import Any

from accounts.closing.traces import events_naming
from accounts.exporting.register import Row, register
from accounts.exporting.rows import register_table
from billing.models import Checkout, Customer, Invoice, KeyDay, Reservation, Subscription, UsageNotice, UsagePeriod


def register_all() -> None:
    """Enter the rows into the register of exports."""
    register_table("customer", Customer, "user", about="Who you are at Stripe.")
    register_table("subscription", Subscription, "user", about="Your plan, as staff granted it or Stripe knows it.")
    register_table("checkouts", Checkout, "user", about="Visits to Stripe's payment page.")
    register_table("invoices", Invoice, "user", about="Invoices, in the smallest unit of their currency.")
    register_table("usage_periods", UsagePeriod, "user", about="What you might use and used, by month; and top-ups.")
    register_table("usage_receipts", Reservation, "period__user", about="What work held, and what it was charged.")
    register_table("usage_notices", UsageNotice, "period__user", about="When you were told how much was used.")
    register_table("usage_of_keys", KeyDay, "key__owner", about="What API keys with a daily cap spent.")
    register("stripe_events", _events, about="What Stripe told us about you.")


def _events(user: Any) -> Iterator[Row]:
    customer = Customer.objects.filter(user=user).first()
    if customer is not None and customer.stripe_id:
        yield from events_naming("stripe", customer.stripe_id, user)
