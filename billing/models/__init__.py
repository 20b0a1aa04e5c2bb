"""Plans, what is paid for them, and the ledger of what was used."""

from billing.models.ledger import KeyDay, Reservation, UsageNotice, UsagePeriod
from billing.models.payments import Checkout, Customer, Invoice, Subscription, SubscriptionStatus
from billing.models.plans import Plan, TopUpPack

__all__ = [
    "Checkout",
    "Customer",
    "Invoice",
    "KeyDay",
    "Plan",
    "Reservation",
    "Subscription",
    "SubscriptionStatus",
    "TopUpPack",
    "UsageNotice",
    "UsagePeriod",
]
