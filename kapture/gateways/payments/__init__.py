"""Payments: the only door to Stripe, with plain facts out and one kind of failure."""

from kapture.gateways.payments.events import BadEvent, read_event
from kapture.gateways.payments.facts import (
    CheckoutFacts,
    CheckoutMode,
    CheckoutStatus,
    InvoiceFacts,
    InvoiceStatus,
    PaymentStatus,
    StripeEvent,
    SubscriptionFacts,
    SubscriptionStatus,
)
from kapture.gateways.payments.failures import SERVICE
from kapture.gateways.payments.gateway import Payments, payments
from kapture.gateways.payments.keys import is_live, require_on

__all__ = [
    "SERVICE",
    "BadEvent",
    "CheckoutFacts",
    "CheckoutMode",
    "CheckoutStatus",
    "InvoiceFacts",
    "InvoiceStatus",
    "PaymentStatus",
    "Payments",
    "StripeEvent",
    "SubscriptionFacts",
    "SubscriptionStatus",
    "is_live",
    "payments",
    "read_event",
    "require_on",
]
