"""What the payments gateway gives: the few facts of Stripe's objects that the product uses.

Amounts are whole numbers in the currency's smallest unit, currencies are in lower case, times are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

CheckoutMode = Literal["subscription", "payment"]


class SubscriptionStatus(StrEnum):
    """How a subscription stands at Stripe."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELED = "canceled"
    UNPAID = "unpaid"
    PAUSED = "paused"


class CheckoutStatus(StrEnum):
    """How far somebody is on the hosted payment page."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class PaymentStatus(StrEnum):
    """Whether the money of a checkout has come; a complete checkout may still be unpaid for days."""

    PAID = "paid"
    UNPAID = "unpaid"
    NO_PAYMENT_REQUIRED = "no_payment_required"


class InvoiceStatus(StrEnum):
    """How an invoice stands."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    UNCOLLECTIBLE = "uncollectible"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class CheckoutFacts:
    """One visit to the hosted payment page; `url` is empty once it is over."""

    id: str
    url: str
    status: CheckoutStatus
    payment_status: PaymentStatus
    mode: str
    subscription_id: str | None
    customer_id: str | None
    metadata: Mapping[str, str]
    amount_total: int | None
    currency: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    """A subscription as it is now; price and period are those of its first item.

    `paused` tells that collecting is paused, which leaves the status as it is.
    """

    id: str
    customer_id: str
    status: SubscriptionStatus
    price_id: str | None
    product_id: str | None
    period_start: datetime | None
    period_end: datetime | None
    cancel_at_period_end: bool
    cancel_at: datetime | None
    canceled_at: datetime | None
    ended_at: datetime | None
    trial_end: datetime | None
    paused: bool
    created: datetime
    latest_invoice_id: str | None
    metadata: Mapping[str, str]

    @property
    def ends_at(self) -> datetime | None:
        """When it ended or will end, if that is decided.

        The portal of today's subscriptions (flexible billing) sets `cancel_at` and leaves `cancel_at_period_end` false,
        so neither field alone tells that somebody cancelled.
        """
        return self.ended_at or self.cancel_at or (self.period_end if self.cancel_at_period_end else None)


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """An invoice; addresses are empty until Stripe has made its pages, `number` until it is final."""

    id: str
    number: str
    status: InvoiceStatus
    amount_due: int
    amount_paid: int
    currency: str
    hosted_url: str
    pdf_url: str
    subscription_id: str | None
    customer_id: str | None
    created: datetime
    period_start: datetime | None
    period_end: datetime | None
    attempt_count: int


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """One notice that something changed; `data` is the object as it was then, `payload` all that was sent.

    What the object is now has to be asked for: notices come late, twice and out of order.
    """

    id: str
    kind: str
    created: datetime
    livemode: bool
    api_version: str
    object_id: str | None
    object_type: str
    customer_id: str | None
    data: Mapping[str, Any]
    payload: dict[str, Any]
