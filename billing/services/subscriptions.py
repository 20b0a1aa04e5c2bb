"""Our copy of what Stripe knows about a customer: everything is fetched, and written in one transaction.

Fetching and writing happen alone with the customer, as the inbox does it, so an older state never overwrites a newer.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, transaction
from django.db.models.functions import Now

from billing.entitlements import best, living
from billing.models import Customer, Plan, Subscription, SubscriptionStatus
from billing.services.invoices import open_since, write_invoices
from billing.services.news import Standing, tell_change
from billing.services.plans import follow_plan
from billing.services.purchases import open_visits, settle_checkouts
from kapture.audit.models import AuditEvent
from kapture.audit.services import record
from kapture.core.crash import crashpoint
from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways.payments import CheckoutFacts, InvoiceFacts, SubscriptionFacts, payments
from kapture.inbox.services import alone_with

logger = logging.getLogger(__name__)
PATIENCE = 5


@dataclass(frozen=True, slots=True)
class Latest:
    """What Stripe says about one customer now; `failed` names checkouts whose money will not come."""

    subscriptions: tuple[SubscriptionFacts, ...] = ()
    invoices: tuple[InvoiceFacts, ...] = ()
    checkouts: tuple[CheckoutFacts, ...] = ()
    failed: frozenset[str] = frozenset()


@contextmanager
def alone(customer: Customer) -> Iterator[None]:
    """Hold the lock on a customer that the inbox takes for events; raises `Unavailable` when others hold it too long.

    Requests have less patience than workers: a statement of theirs ends after some seconds.
    """
    with ExitStack() as held:
        try:
            held.enter_context(alone_with(f"stripe:{customer.stripe_id}"))
        except OperationalError as error:
            raise Unavailable("Your subscription is just being brought up to date.", retry_after=PATIENCE) from error
        yield


def sync(customer: Customer) -> None:
    """Bring our copy of a customer up to date; raises `VendorFailed` or `Unavailable`, and then changes nothing.

    Waits for others who do the same. Must not be called inside a transaction.
    """
    with alone(customer):
        apply(customer, fetch(customer))


def fetch(customer: Customer, *more_checkouts: str) -> Latest:
    """Ask Stripe for all subscriptions, for invoices that may have changed, and for visits that are open or named."""
    assert customer.stripe_id is not None
    visits = dict.fromkeys([*more_checkouts, *open_visits(customer.user_id)])
    stripe = payments()
    latest = Latest(
        tuple(stripe.subscriptions(customer.stripe_id)),
        tuple(stripe.invoices(customer.stripe_id, open_since(customer.user_id))),
        tuple(facts for facts in map(_checkout, visits) if facts is not None),
    )
    crashpoint("billing.fetched")
    return latest


def _checkout(stripe_id: str) -> CheckoutFacts | None:
    try:
        return payments().retrieve_checkout(stripe_id)
    except VendorFailed as error:
        if error.reason != "not_found":
            raise
    return None


def apply(customer: Customer, latest: Latest) -> None:
    """Write what was fetched, with limits, audit and notices, in one transaction; nothing for a customer who left."""
    with transaction.atomic():
        rows = Customer.objects.select_for_update(of=("self",)).select_related("user")
        here = rows.filter(pk=customer.pk, stripe_id=customer.stripe_id).first()
        if here is None:
            return
        write_subscription(here.user, latest.subscriptions)
        write_invoices(here.user_id, latest.invoices)
        settle_checkouts(here, latest.checkouts, latest.failed)
        Customer.objects.filter(pk=here.pk).update(synced_at=Now(), updated_at=Now())
        crashpoint("billing.applied")


def write_subscription(user: Any, found: tuple[SubscriptionFacts, ...]) -> None:
    """Make the one row say what the subscription that counts is now, and carry it into the running month.

    Runs in a transaction. Somebody who never subscribed gets no row.
    """
    row = Subscription.objects.select_for_update(of=("self",)).select_related("plan").filter(user=user).first()
    plans = {plan.stripe_price_id: plan for plan in Plan.objects.exclude(stripe_price_id="")}
    chosen = best(found, plans)
    if chosen is None and (row is None or row.stripe_id is None):
        return
    before = Standing.of(row)
    fields = _gone(row) if chosen is None else _copied(chosen, _plan(chosen, row, plans))
    row = _written(user, row, fields)
    follow_plan(user)
    after = Standing.of(row)
    if after != before:
        record(None, "billing.subscription_changed", row, before=before.as_data(), after=after.as_data())
        tell_change(user, before, after)
        if after.has_come_to_an_unknown_price(before):
            logger.warning("no plan has the price %s of subscription %s", row.price_id, row.stripe_id)
            record(None, "billing.price_unknown", row, price=row.price_id, subscription=row.stripe_id)
    _tell_staff_of_several(row, found)


def _written(user: Any, row: Subscription | None, fields: dict[str, Any]) -> Subscription:
    """The row with the fields; `granted_plan`, which staff write, is left alone."""
    if row is None:
        row, _ = Subscription.objects.get_or_create(user=user)
    Subscription.objects.filter(pk=row.pk).update(**fields, updated_at=Now())
    return Subscription.objects.select_related("plan").get(pk=row.pk)


def _copied(facts: SubscriptionFacts, plan: Plan | None) -> dict[str, Any]:
    return {
        "plan": plan,
        "stripe_id": facts.id,
        "price_id": facts.price_id or "",
        "status": SubscriptionStatus(facts.status),
        "period_start": facts.period_start,
        "period_end": facts.period_end,
        "cancel_at_period_end": facts.cancel_at_period_end,
        "ends_at": facts.ends_at,
        "trial_ends_at": facts.trial_end,
        "is_collection_paused": facts.paused,
        "started_at": facts.created,
    }


def _gone(row: Subscription | None) -> dict[str, Any]:
    """What to write when Stripe has no subscription of a customer any more."""
    assert row is not None
    return {"status": SubscriptionStatus.CANCELED, "ends_at": row.ends_at or Now(), "cancel_at_period_end": False}


def _plan(facts: SubscriptionFacts, row: Subscription | None, plans: dict[str, Plan]) -> Plan | None:
    """The plan of a price; when its plan has a new price meanwhile, who paid the old one keeps what they had."""
    known = plans.get(facts.price_id or "")
    if known is None and row is not None and row.price_id == facts.price_id:
        return row.plan
    return known


def _tell_staff_of_several(row: Subscription, found: tuple[SubscriptionFacts, ...]) -> None:
    """Note once that somebody pays for more than one subscription; docs/billing.md says what staff do."""
    ids = sorted(facts.id for facts in living(found))
    if len(ids) < 2:
        return
    action = "billing.several_subscriptions"
    if not AuditEvent.objects.filter(action=action, subject_id=str(row.pk), data__subscriptions=ids).exists():
        logger.warning("customer of %s pays for several subscriptions: %s", row.user_id, ", ".join(ids))
        record(None, action, row, subscriptions=ids, kept=row.stripe_id)
