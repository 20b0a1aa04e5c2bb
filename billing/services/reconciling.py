"""What repairs our copies when no webhook did: one customer on request, and all of them every hour."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from billing.entitlements import ENDED
from billing.models import Checkout, Customer, Subscription
from billing.services.subscriptions import alone, apply, fetch, sync
from kapture.core.errors import VendorFailed
from kapture.core.locks import Lock, wait_for
from kapture.gateways.payments import payments
from kapture.inbox import handlers
from kapture.inbox.services import receive
from kapture.jobs.kinds import JobKind
from kapture.jobs.models import Job, State
from kapture.jobs.run import Run
from kapture.jobs.services import enqueue

logger = logging.getLogger(__name__)
FRESH = timedelta(seconds=5)
SETTLED_SOON = timedelta(minutes=5)
# Stripe's pages close after a day, and money sent by bank takes at most a few weeks.
PAGE_LIVES, MONEY_TAKES = timedelta(days=1), timedelta(days=30)
MOST_CUSTOMERS = 1_000
EVENTS_KEPT = timedelta(days=30)
# Stripe goes on trying for three days, so an event may be noted as undelivered long after it happened.
LOOK_BACK = timedelta(days=3)


def ask_sync(user: Any) -> bool:
    """Have somebody's copy brought up to date soon; False when that is under way, just done, or there is nothing."""
    with transaction.atomic():
        rows = Customer.objects.select_for_update().filter(user=user, stripe_id__isnull=False)
        customer = rows.exclude(synced_at__gt=Now() - FRESH).first()
        if customer is None or Job.objects.filter(kind=SYNC.name, subject_id=customer.pk, state=State.QUEUED).exists():
            return False
        enqueue(None, SYNC.name, {}, title="Subscription", subject_id=customer.pk)
    return True


def ask_reconcile() -> bool:
    """Have everything reconciled soon; False when that is under way or Stripe is off.

    What can come of visits is decided by their age alone, so that is done at once.
    """
    close_forgotten()
    if not settings.STRIPE_SECRET_KEY:
        return False
    with transaction.atomic():
        wait_for(Lock.RECONCILING)
        if Job.objects.active().filter(kind=RECONCILE.name).exists():
            return False
        enqueue(None, RECONCILE.name, {}, title="Subscriptions and payments")
    return True


def perform_sync(run: Run) -> None:
    """Bring one customer's copy up to date."""
    assert run.job.subject_id is not None
    customer = Customer.objects.filter(pk=run.job.subject_id, stripe_id__isnull=False).first()
    if customer is None:
        with run.finish({}, units=0):
            return
    with alone(customer):
        latest = fetch(customer)
        with run.finish({}, units=0):
            apply(customer, latest)


def perform_reconcile(run: Run) -> None:
    """Sync whoever may differ from Stripe, and take in what was never delivered."""
    since = _last_run() - LOOK_BACK
    synced = failed = 0
    for customer in due_customers():
        run.report(None, "Comparing with Stripe", customers=synced)
        if _synced(customer):
            synced += 1
        else:
            failed += 1
    found = sum(take_undelivered(since))
    with run.finish({"customers": synced, "failed": failed, "events": found}, units=0):
        pass


def due_customers() -> QuerySet[Customer]:
    """Customers whose copy may be wrong: never read, with a subscription that goes on, or with a visit left open."""
    unfinished = Subscription.objects.filter(user_id=OuterRef("user_id"), stripe_id__isnull=False)
    left_open = Checkout.objects.filter(
        user_id=OuterRef("user_id"),
        state=Checkout.State.OPEN,
        stripe_id__isnull=False,
        created_at__lt=Now() - SETTLED_SOON,
    )
    due = Q(synced_at=None) | Exists(unfinished.exclude(status__in=ENDED)) | Exists(left_open)
    rows = Customer.objects.filter(due, stripe_id__isnull=False)
    return rows.order_by(F("synced_at").asc(nulls_first=True), "pk")[:MOST_CUSTOMERS]


def _synced(customer: Customer) -> bool:
    """Sync one; what is wrong with one customer must not keep the others from being synced."""
    try:
        sync(customer)
    except VendorFailed as error:
        logger.warning("customer %s was not reconciled: %s", customer.stripe_id, error.reason)
        return False
    return True


def take_undelivered(since: Any) -> Iterator[bool]:
    """Receive the events Stripe could not deliver since then, as if they came now; True for each that was missing."""
    for event in payments().undelivered_events(since):
        if handlers.find("stripe", event.kind) is not None:
            yield receive("stripe", event.id, event.kind, event.payload)


def close_forgotten() -> None:
    """End visits that can lead to nothing any more."""
    rows = Checkout.objects.filter(state=Checkout.State.OPEN)
    never_made = rows.filter(stripe_id=None, created_at__lt=Now() - PAGE_LIVES)
    never_paid = rows.filter(created_at__lt=Now() - MONEY_TAKES)
    fields = {"ended_at": Now(), "updated_at": Now()}
    never_made.update(state=Checkout.State.EXPIRED, **fields)
    never_paid.update(state=Checkout.State.FAILED, **fields)


def _last_run() -> Any:
    """When the last complete reconciliation began."""
    done = Job.objects.filter(kind=RECONCILE.name, state=State.COMPLETED).order_by("-started_at")
    started = done.values_list("started_at", flat=True).first()
    return started or timezone.now() - EVENTS_KEPT + LOOK_BACK


SYNC = JobKind(
    name="billing.sync",
    label="Subscription",
    queue="default",
    perform=perform_sync,
    deadline=timedelta(hours=1),
    max_attempts=5,
)
RECONCILE = JobKind(
    name="billing.reconcile",
    label="Reconciliation with Stripe",
    queue="default",
    perform=perform_reconcile,
    deadline=timedelta(minutes=55),
    max_attempts=3,
)
