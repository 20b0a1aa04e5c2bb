"""Leaving Stripe, as a step of closing an account."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from billing.entitlements import ENDED
from billing.models import Checkout, Customer, Invoice, Subscription, SubscriptionStatus
from billing.services.customers import customer_of
from billing.services.plans import follow_plan
from billing.services.purchases import open_visits
from kapture.audit.services import record
from kapture.core.errors import VendorFailed
from kapture.gateways.payments import Payments, payments

KEY_LIVES = timedelta(hours=24)


def leave_stripe(user: Any) -> None:
    """End what somebody pays for and delete the customer at Stripe; doing it again changes nothing.

    Raises `VendorFailed` (retryable when waiting helps) or `Unavailable`, and then may be called again. Later events
    about the customer find nobody here. Must not be called inside a transaction.
    """
    customer = Customer.objects.filter(user=user).first()
    if customer is None:
        return
    if customer.stripe_id is None and customer.created_at > timezone.now() - KEY_LIVES:
        # Stripe may have made the customer and lost its answer on the way; the same key brings it again.
        customer = customer_of(user)
    if customer.stripe_id is not None:
        _delete_there(payments(), customer.stripe_id, user)
    with transaction.atomic():
        row = Subscription.objects.filter(user=user, stripe_id__isnull=False).exclude(status__in=ENDED).first()
        if row is not None:
            rows = Subscription.objects.filter(pk=row.pk)
            rows.update(status=SubscriptionStatus.CANCELED, ends_at=Now(), cancel_at_period_end=False)
            follow_plan(user)
            record(None, "billing.subscription_left", row, subscription=row.stripe_id)
        forget(customer)


def _delete_there(stripe: Payments, stripe_id: str, user: Any) -> None:
    """Close open pages, end subscriptions, delete the customer; each is left alone when it is done already."""
    for visit in open_visits(user.pk):
        _unless_missing(stripe.expire_checkout, visit)
    for subscription in _unless_missing(stripe.subscriptions, stripe_id) or ():
        if SubscriptionStatus(subscription.status) not in ENDED:
            stripe.cancel_subscription(subscription.id)
    stripe.delete_customer(stripe_id)


def _unless_missing(call: Any, ident: str) -> Any:
    try:
        return call(ident)
    except VendorFailed as error:
        if error.reason != "not_found":
            raise
    return None


def forget(customer: Customer) -> None:
    """Let go of a customer that is gone at Stripe: the mapping, open visits, and links to pages that name the person.

    Runs in a transaction. What was paid stays on record.
    """
    visits = Checkout.objects.filter(user_id=customer.user_id)
    visits.filter(state=Checkout.State.OPEN).update(state=Checkout.State.EXPIRED, ended_at=Now())
    visits.exclude(url="").update(url="")
    Invoice.objects.filter(user_id=customer.user_id).update(page_url="", pdf_url="")
    Customer.objects.filter(pk=customer.pk).delete()
