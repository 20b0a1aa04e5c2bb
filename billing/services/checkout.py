"""Leading people to Stripe's pages: to pay for a plan or a pack, and to manage what they have."""

from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.http import url_has_allowed_host_and_scheme

from billing.models import Checkout, Customer, Plan, TopUpPack
from billing.services.customers import customer_of, forget_if_gone, has_unfinished
from billing.services.subscriptions import sync
from kapture.core.crash import crashpoint
from kapture.core.errors import Conflict, InvalidInput, NotFound, VendorFailed
from kapture.gateways.payments import payments, require_on

ANSWERED_AGAIN = timedelta(minutes=30)
BEING_MADE = timedelta(seconds=30)
# After these Stripe has kept no answer for the key, so the same row may ask again (reliability rule D09).
NOTHING_KEPT = frozenset({"unreachable", "rate_limited"})


def start(user: Any, *, plan: Plan | None = None, pack: TopUpPack | None = None, back_to: str = "") -> Checkout:
    """A visit to the payment page for one plan or one pack; its `url` is where to send the browser.

    One for the same thing that is open and younger than half an hour is answered again. `back_to` (a path of this site)
    is kept for the page people return to. Raises `InvalidInput` for what is not for sale, `Conflict` when a plan is
    wanted beside a subscription that has not ended, `Unavailable` naming the setting while Stripe is off, and
    `VendorFailed`. Must not be called inside a transaction.
    """
    require_on()
    if (plan is None) == (pack is None):
        raise InvalidInput({"planId": ["Choose one plan or one top-up."]})
    price_id, back_to = _price(plan, pack), local_path(back_to, "")
    try:
        return _start(user, plan, pack, price_id, back_to)
    except VendorFailed as error:
        if error.reason != "not_found" or not forget_if_gone(user):
            raise
    return _start(user, plan, pack, price_id, back_to)


def portal(user: Any, return_path: str = "/usage/") -> str:
    """The address of somebody's own billing page at Stripe, good for some minutes.

    Raises `Conflict` for somebody who never bought anything, `Unavailable` while Stripe is off, and `VendorFailed`.
    """
    require_on()
    customer = Customer.objects.filter(user=user, stripe_id__isnull=False).first()
    if customer is None or customer.stripe_id is None:
        raise Conflict("There is nothing to manage yet. Choose a plan first.")
    return payments().create_portal(customer=customer.stripe_id, return_url=_here(local_path(return_path, "/usage/")))


def find(user: Any, pk: Any) -> Checkout:
    """Somebody's visit; raises `NotFound` alike for missing and foreign ones."""
    row = Checkout.objects.select_related("plan", "pack").filter(user_id=user.pk, pk=pk).first()
    if row is None:
        raise NotFound
    return row


def local_path(address: str, default: str) -> str:
    """A path of this site, or the default; never an address elsewhere."""
    own = address.startswith("/") and len(address) <= 300
    return address if own and url_has_allowed_host_and_scheme(address, allowed_hosts=None) else default


def _here(path: str) -> str:
    return urljoin(f"{settings.SITE_URL}/", path)


def _price(plan: Plan | None, pack: TopUpPack | None) -> str:
    field, wanted = ("planId", plan) if plan is not None else ("packId", pack)
    if wanted is None or not wanted.is_public or not wanted.stripe_price_id:
        raise InvalidInput({field: ["This is not for sale."]})
    return wanted.stripe_price_id


def _start(user: Any, plan: Plan | None, pack: TopUpPack | None, price_id: str, back_to: str) -> Checkout:
    row = _open_row(user, plan, pack)
    if row is not None and row.url:
        return row
    if plan is not None:
        _refuse_second(user)
    customer = customer_of(user)
    if plan is not None:
        # What was bought a moment ago may not have been told yet, and two open pages could both be paid.
        _close_others(user, plan)
        sync(customer)
        _refuse_second(user)
    row = _claim(customer, plan, pack, back_to)
    return row if row.url else _visit(row, customer, price_id)


def _refuse_second(user: Any) -> None:
    if has_unfinished(user):
        raise Conflict("You have a subscription already. Change it in the billing portal.")


def _open_row(user: Any, plan: Plan | None, pack: TopUpPack | None) -> Checkout | None:
    rows = Checkout.objects.filter(user_id=user.pk, plan=plan, pack=pack, state=Checkout.State.OPEN)
    return rows.filter(created_at__gt=Now() - ANSWERED_AGAIN).order_by("created_at").first()


def _close_others(user: Any, plan: Plan) -> None:
    """Let nobody pay any more on pages for other plans, or on older ones for the same."""
    rows = Checkout.objects.filter(user_id=user.pk, plan__isnull=False, state=Checkout.State.OPEN)
    # What was asked for a while ago and has no page got no answer; nobody ever saw a page it may have.
    unseen = rows.filter(stripe_id=None, created_at__lt=Now() - BEING_MADE).exclude(plan=plan)
    unseen.update(state=Checkout.State.FAILED, ended_at=Now(), updated_at=Now())
    for other in rows.exclude(plan=plan, created_at__gt=Now() - ANSWERED_AGAIN).exclude(stripe_id=None)[:20]:
        try:
            payments().expire_checkout(other.stripe_id or "")
        except VendorFailed as error:
            if error.reason != "not_found":
                raise
            Checkout.objects.filter(pk=other.pk).update(state=Checkout.State.EXPIRED, ended_at=Now(), updated_at=Now())


def _claim(customer: Customer, plan: Plan | None, pack: TopUpPack | None, back_to: str) -> Checkout:
    """The one open row for this thing, made and committed before Stripe is asked."""
    with transaction.atomic(durable=True):
        here = Customer.objects.select_for_update(of=("self",)).select_related("user").filter(pk=customer.pk).first()
        if here is None:
            raise Conflict("Your customer at Stripe was just deleted. Try again.")
        row = _open_row(here.user, plan, pack)
        if row is None and plan is not None and _other_plan_open(here.user_id):
            raise Conflict("A page to pay for another plan is just being opened. Try again in a moment.")
        return row or Checkout.objects.create(user=here.user, plan=plan, pack=pack, back_to=back_to)


def _other_plan_open(user_id: Any) -> bool:
    """Whether somebody asks for another plan at this very moment: two open pages could both be paid."""
    rows = Checkout.objects.filter(user_id=user_id, plan__isnull=False, state=Checkout.State.OPEN)
    return rows.filter(created_at__gt=Now() - BEING_MADE).exists()


def _visit(row: Checkout, customer: Customer, price_id: str) -> Checkout:
    assert customer.stripe_id is not None
    try:
        made = payments().create_checkout(
            key=row.pk,
            customer=customer.stripe_id,
            price_id=price_id,
            mode="subscription" if row.plan_id else "payment",
            user_id=row.user_id,
            metadata={"checkout": str(row.pk)},
            success_url=_here(f"/usage/checkout/{row.pk}/"),
            cancel_url=_here(f"/usage/checkout/{row.pk}/?left=1"),
        )
    except VendorFailed as error:
        if error.reason not in NOTHING_KEPT:
            # The same key would only repeat the answer, and nobody can pay on a page nobody saw: the next try is new.
            Checkout.objects.filter(pk=row.pk, stripe_id=None).update(state=Checkout.State.FAILED, ended_at=Now())
        raise
    crashpoint("billing.checkout_made")
    Checkout.objects.filter(pk=row.pk).update(stripe_id=made.id, url=made.url, state=Checkout.State.OPEN, ended_at=None)
    row.refresh_from_db()
    return row
