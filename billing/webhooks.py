"""Stripe's events: each tells that something about a customer changed, and ends in reading all of that customer."""

import logging
from collections.abc import Mapping

from billing.models import Customer, Subscription
from billing.services.leaving import forget
from billing.services.news import tell_trial_ends
from billing.services.subscriptions import Latest, apply, fetch
from kapture.core.errors import VendorFailed
from kapture.gateways.payments import BadEvent, StripeEvent, read_event
from kapture.gateways.payments.events import parse_event
from kapture.inbox.face import Refused, Signed
from kapture.inbox.handlers import Handler, Ignored
from kapture.inbox.models import WebhookEvent

logger = logging.getLogger(__name__)
CHECKOUT_FAILED = "checkout.session.async_payment_failed"
CUSTOMER_DELETED = "customer.deleted"
TRIAL_ENDS = "customer.subscription.trial_will_end"
KINDS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    CHECKOUT_FAILED,
    "checkout.session.expired",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    TRIAL_ENDS,
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "customer.updated",
    CUSTOMER_DELETED,
)
Found = tuple[Customer, StripeEvent, Latest]


def verify(body: bytes, headers: Mapping[str, str]) -> Signed:
    """What identifies an event that Stripe signed just now for this account and mode; raises `Refused` for others."""
    try:
        event = read_event(body, headers.get("Stripe-Signature", ""))
    except BadEvent as error:
        logger.info("a Stripe event was refused: %s", error)
        raise Refused from error
    if event.payload.get("account"):
        logger.info("a Stripe event was refused: it is about a connected account")
        raise Refused
    return Signed(event.id, event.kind)


def concerns(stored: WebhookEvent) -> str:
    """The customer an event is about, or the event itself when it names none."""
    return parse_event(stored.payload).customer_id or stored.event_id


def fetch_customer(stored: WebhookEvent) -> Found:
    """Everything about the customer; raises `Ignored` for events about nobody we know."""
    event = parse_event(stored.payload)
    if event.customer_id is None:
        raise Ignored("It names no customer.")
    customer = Customer.objects.filter(stripe_id=event.customer_id).first()
    if customer is None:
        raise Ignored("Nobody here is this customer.")
    named = [event.object_id] if event.object_type == "checkout.session" and event.object_id else []
    try:
        latest = fetch(customer, *named)
    except VendorFailed as error:
        if error.reason != "not_found":
            raise
        # The account that signed the event says there is no such customer: nothing is paid for any more.
        latest = Latest()
    return customer, event, latest


def apply_customer(stored: WebhookEvent, found: Found) -> None:
    """Write all of it; a deleted customer is forgotten, so that the next purchase makes a new one."""
    customer, event, latest = found
    if event.kind == CHECKOUT_FAILED and event.object_id:
        latest = Latest(latest.subscriptions, latest.invoices, latest.checkouts, frozenset({event.object_id}))
    apply(customer, latest)
    if event.kind == CUSTOMER_DELETED:
        forget(customer)
    if event.kind == TRIAL_ENDS:
        row = Subscription.objects.select_related("plan", "user").filter(stripe_id=event.object_id).first()
        if row is not None and row.user_id == customer.user_id:
            tell_trial_ends(row.user, row)


HANDLER = Handler(concerns, fetch_customer, apply_customer)
