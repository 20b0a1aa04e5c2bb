"""Who somebody is at Stripe."""

from typing import Any

from django.conf import settings
from django.db import transaction

from billing.entitlements import ENDED
from billing.models import Customer, Subscription
from kapture.core.crash import crashpoint
from kapture.core.errors import VendorFailed
from kapture.gateways.payments import payments


def customer_of(user: Any) -> Customer:
    """Somebody's customer with its id at Stripe, made when missing; however many ask at once, there is one.

    The row is committed before Stripe is asked, and its id is the idempotency key.
    """
    with transaction.atomic(durable=True):
        customer, _ = Customer.objects.get_or_create(user=user)
    if customer.stripe_id:
        return customer
    try:
        made = payments().create_customer(key=customer.pk, user_id=user.pk, email=user.email, name=user.name)
    except VendorFailed as error:
        if error.reason in ("key_reused", "vendor_down"):
            # Stripe keeps a key's first answer for a day, also a fault or one for an address that was changed since.
            # The customer it may have made owns nothing, so the next try makes another under another key.
            Customer.objects.filter(pk=customer.pk, stripe_id=None).delete()
        raise
    crashpoint("billing.customer_made")
    Customer.objects.filter(pk=customer.pk, stripe_id=None).update(stripe_id=made)
    return Customer.objects.get(user=user)


def has_unfinished(user: Any) -> bool:
    """Whether somebody has a subscription that has not ended, whether or not it gives a plan now."""
    rows = Subscription.objects.filter(user_id=user.pk, stripe_id__isnull=False)
    return rows.exclude(status__in=ENDED).exists()


def forget_if_gone(user: Any) -> bool:
    """Forget a customer whom the Stripe account of today does not know; True when there was one to forget.

    That is so after the key of another account (or of live mode) was set. One with a subscription is never forgotten:
    then it is rather the key that is wrong.
    """
    customer = Customer.objects.filter(user=user, stripe_id__isnull=False).first()
    if customer is None or customer.stripe_id is None or has_unfinished(user):
        return False
    try:
        payments().create_portal(customer=customer.stripe_id, return_url=settings.SITE_URL)
    except VendorFailed as error:
        if error.reason == "not_found":
            Customer.objects.filter(pk=customer.pk).delete()
            return True
    return False
