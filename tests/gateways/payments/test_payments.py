"""The gateway against an account with state: what is made once, what is told, what fails with which reason."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from pytest_django import Settings

from kapture.core.errors import Unavailable, VendorFailed
from kapture.core.ids import new_id
from kapture.gateways import payments as gate
from kapture.gateways.breaker import BreakerState, reading
from kapture.gateways.payments import CheckoutFacts, CheckoutStatus, Payments, PaymentStatus, SubscriptionStatus
from kapture.sandbox.stripe.control import StripeControl

CREATOR, STUDIO, EXTRA = "price_creator_monthly", "price_studio_monthly", "price_topup_scrape_50"


def customer(gateway: Payments) -> str:
    return gateway.create_customer(key=new_id(), user_id=7, email="alice@example.com", name="Alice")


def checkout(gateway: Payments, buyer: str, price: str = CREATOR, key: Any = None) -> CheckoutFacts:
    return gateway.create_checkout(
        key=key or new_id(),
        customer=buyer,
        price_id=price,
        mode="payment" if price == EXTRA else "subscription",
        user_id=7,
        metadata={"plan": "creator"},
        success_url="https://kapture.example/back?session={CHECKOUT_SESSION_ID}",
        cancel_url="https://kapture.example/plans",
    )


def subscribed(gateway: Payments, stripe: StripeControl) -> tuple[str, str]:
    buyer = customer(gateway)
    stripe.go(checkout(gateway, buyer).id)
    return buyer, gateway.subscriptions(buyer)[0].id


def reason(call: Any) -> VendorFailed:
    with pytest.raises(VendorFailed) as caught:
        call()
    assert caught.value.service == "stripe"
    return caught.value


def test_a_subscription_is_bought_told_and_ended(gateway: Payments, stripe: StripeControl) -> None:
    buyer = customer(gateway)
    opened = checkout(gateway, buyer)
    assert (opened.status, opened.payment_status, opened.mode) == (
        CheckoutStatus.OPEN,
        PaymentStatus.UNPAID,
        "subscription",
    )
    assert opened.url.startswith(stripe.url)
    assert (opened.amount_total, opened.currency, opened.customer_id) == (1900, "usd", buyer)
    assert opened.metadata == {"plan": "creator", "user_id": "7"}
    assert gateway.subscriptions(buyer) == []

    stripe.go(opened.id)
    paid = gateway.retrieve_checkout(opened.id)
    assert (paid.status, paid.payment_status, paid.url) == (CheckoutStatus.COMPLETE, PaymentStatus.PAID, "")
    (sub,) = gateway.subscriptions(buyer)
    assert paid.subscription_id == sub.id
    assert gateway.subscription(sub.id) == sub
    assert (sub.status, sub.price_id, sub.product_id) == (SubscriptionStatus.ACTIVE, CREATOR, "prod_creator_monthly")
    assert sub.period_start == sub.created
    assert sub.period_end is not None
    assert timedelta(days=28) <= sub.period_end - sub.created <= timedelta(days=31)
    assert sub.metadata == {"plan": "creator", "user_id": "7"}
    assert (sub.ends_at, sub.paused) == (None, False)

    (paper,) = gateway.invoices(buyer)
    assert (paper.subscription_id, paper.status, paper.amount_due, paper.amount_paid) == (sub.id, "paid", 1900, 1900)
    assert sub.latest_invoice_id == paper.id
    assert paper.hosted_url.startswith(stripe.url)
    assert paper.pdf_url
    assert paper.number

    gateway.cancel_subscription(sub.id)
    gateway.cancel_subscription(sub.id)
    ended = gateway.subscription(sub.id)
    assert (ended.status, ended.ends_at) == (SubscriptionStatus.CANCELED, ended.ended_at)
    gateway.cancel_subscription("sub_never")


def test_a_key_makes_one_thing_and_its_reuse_is_told(gateway: Payments, stripe: StripeControl) -> None:
    key = new_id()
    first = gateway.create_customer(key=key, user_id=7, email="alice@example.com", name="")
    assert gateway.create_customer(key=key, user_id=7, email="alice@example.com", name="") == first
    assert len(stripe.events("customer.created")) == 1
    sent = stripe.requests("POST /v1/customers")
    assert {request["headers"]["idempotency-key"] for request in sent} == {f"kapture:customer:{key}"}
    assert parse_qs(sent[0]["body"]) == {"email": ["alice@example.com"], "metadata[user_id]": ["7"]}
    failed = reason(lambda: gateway.create_customer(key=key, user_id=7, email="bob@example.com", name=""))
    assert (failed.reason, failed.retryable) == ("key_reused", False)
    assert checkout(gateway, first, key=key).id == checkout(gateway, first, key=key).id


def test_a_lost_answer_makes_no_second_thing(gateway: Payments, stripe: StripeControl) -> None:
    stripe.fault("cut", "POST /v1/customers")
    stripe.fault("status", "POST /v1/customers", status=500, perform=True)
    buyer = customer(gateway)
    sent = stripe.requests("POST /v1/customers")
    assert len(sent) == 3
    assert len({request["headers"]["idempotency-key"] for request in sent}) == 1
    assert [event["object"] for event in stripe.events("customer.created")] == [buyer]


def test_a_top_up_is_paid_once_and_leaves_no_subscription(gateway: Payments, stripe: StripeControl) -> None:
    buyer = customer(gateway)
    opened = checkout(gateway, buyer, EXTRA)
    stripe.go(opened.id, "bank")
    late = gateway.retrieve_checkout(opened.id)
    assert (late.status, late.payment_status) == (CheckoutStatus.COMPLETE, PaymentStatus.UNPAID)
    stripe.advance(days=3)
    paid = gateway.retrieve_checkout(opened.id)
    assert (paid.payment_status, paid.subscription_id, paid.amount_total) == (PaymentStatus.PAID, None, 500)
    assert gateway.subscriptions(buyer) == []


def test_a_checkout_is_closed_unless_it_is_over(gateway: Payments, stripe: StripeControl) -> None:
    buyer = customer(gateway)
    opened, paid = checkout(gateway, buyer), checkout(gateway, buyer)
    stripe.go(paid.id)
    assert gateway.expire_checkout(opened.id).status is CheckoutStatus.EXPIRED
    assert gateway.expire_checkout(paid.id).status is CheckoutStatus.COMPLETE


def test_the_portals_cancellation_is_told_whichever_field_has_it(gateway: Payments, stripe: StripeControl) -> None:
    for by_date in (True, False):
        stripe.turn(portal_cancels_by_date=by_date)
        _, ident = subscribed(gateway, stripe)
        stripe.act(ident, "cancel")
        sub = gateway.subscription(ident)
        assert sub.cancel_at_period_end is not by_date
        assert sub.status is SubscriptionStatus.ACTIVE
        assert sub.ends_at == sub.period_end is not None


def test_the_portal_has_an_address(gateway: Payments, stripe: StripeControl) -> None:
    portal = gateway.create_portal(customer=customer(gateway), return_url="https://kapture.example/settings")
    assert portal.startswith(f"{stripe.url}/p/session/")


def test_a_deleted_customer_leaves_nothing_running(gateway: Payments, stripe: StripeControl) -> None:
    buyer, sub = subscribed(gateway, stripe)
    gateway.delete_customer(buyer)
    gateway.delete_customer(buyer)
    assert gateway.subscription(sub).status is SubscriptionStatus.CANCELED


def test_lists_are_read_to_their_end(gateway: Payments, stripe: StripeControl) -> None:
    buyer, sub = subscribed(gateway, stripe)
    stripe.advance(days=365 * 9)
    papers = gateway.invoices(buyer)
    assert len(papers) == 108
    assert papers == sorted(papers, key=lambda paper: paper.created, reverse=True)
    assert len(stripe.requests("GET /v1/invoices")) == 2
    since = papers[3].created
    assert [paper.id for paper in gateway.invoices(buyer, since)] == [paper.id for paper in papers[:4]]
    assert gateway.subscription(sub).status is SubscriptionStatus.ACTIVE


def test_only_events_nobody_took_are_listed(gateway: Payments, stripe: StripeControl) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    subscribed(gateway, stripe)
    kinds = [event.kind for event in gateway.undelivered_events(since)]
    assert kinds == [event["type"] for event in reversed(stripe.events())]
    event = next(gateway.undelivered_events(since))
    assert event.kind == "checkout.session.completed"
    assert (event.object_type, event.livemode) == ("checkout.session", False)
    assert event.customer_id is not None
    assert list(gateway.undelivered_events(datetime.now(UTC) + timedelta(hours=1))) == []


@pytest.mark.parametrize(
    ("fault", "expected", "retryable"),
    [
        ({"mode": "status", "status": 400}, "bad_request", False),
        ({"mode": "status", "status": 401}, "auth", False),
        ({"mode": "status", "status": 402}, "declined", False),
        ({"mode": "status", "status": 403}, "auth", False),
        ({"mode": "status", "status": 404}, "not_found", False),
        ({"mode": "status", "status": 409}, "vendor_down", True),
        ({"mode": "status", "status": 429}, "rate_limited", True),
        ({"mode": "status", "status": 500}, "vendor_down", True),
        ({"mode": "body", "status": 502, "body": "<html>", "content_type": "text/html"}, "vendor_down", True),
        ({"mode": "body", "status": 302, "body": ""}, "bad_output", True),
        ({"mode": "hang", "seconds": 5}, "unreachable", True),
        ({"mode": "drop"}, "unreachable", True),
        ({"mode": "cut"}, "unreachable", True),
        ({"mode": "drip", "bps": 40}, "unreachable", True),
        ({"mode": "huge", "size": 11 << 20}, "unreachable", True),
        ({"mode": "truncate"}, "bad_output", True),
        ({"mode": "empty"}, "bad_output", True),
        ({"mode": "html"}, "bad_output", True),
        ({"mode": "schema"}, "bad_output", True),
        ({"mode": "body", "body": []}, "bad_output", True),
        ({"mode": "body", "body": {"object": "subscription", "id": "sub_1"}}, "bad_output", True),
    ],
    ids=lambda value: "-".join(str(part) for part in list(value.values())[:2]) if isinstance(value, dict) else "",
)
def test_every_failure_has_a_stable_reason(
    hasty: Payments, stripe: StripeControl, fault: dict[str, Any], expected: str, retryable: bool
) -> None:
    _, sub = subscribed(hasty, stripe)
    stripe.fault(route="GET /v1/subscriptions/*", times=3, **fault)
    began = time.monotonic()
    failed = reason(lambda: hasty.subscription(sub))
    assert (failed.reason, failed.retryable) == (expected, retryable)
    assert time.monotonic() - began < 1.5
    assert "sandbox" not in failed.message


def test_how_long_to_wait_is_told(hasty: Payments, stripe: StripeControl) -> None:
    stripe.fault("status", "GET *", status=429, retry_after=7)
    assert reason(lambda: hasty.subscription("sub_1")).retry_after == 7


def test_a_subscription_of_a_state_nobody_knows_is_not_guessed(hasty: Payments, stripe: StripeControl) -> None:
    sub = {"object": "subscription", "id": "sub_1", "customer": "cus_1", "created": 1, "status": "hibernating"}
    stripe.fault("body", "GET *", body=sub)
    assert reason(lambda: hasty.subscription("sub_1")).reason == "bad_output"


def test_an_end_that_was_refused_is_not_taken_for_an_end(hasty: Payments, stripe: StripeControl) -> None:
    stripe.fault("status", times=3, status=401)
    for call in (hasty.delete_customer, hasty.cancel_subscription, hasty.expire_checkout):
        assert reason(lambda call=call: call("id_1")).reason == "auth"


@pytest.mark.parametrize("data", [None, {}, [{"object": "subscription"}]])
def test_a_list_that_is_none_is_not_taken_for_an_empty_one(
    hasty: Payments, stripe: StripeControl, data: object
) -> None:
    stripe.fault("body", body={"object": "list", "data": data, "has_more": True})
    assert reason(lambda: hasty.subscriptions("cus_1")).reason == "bad_output"


@pytest.mark.parametrize("ident", ["", "a/b", "..", "cs_1?x=1", "cs_é", "a" * 256, "cs_1\n"])
def test_what_cannot_be_an_id_is_not_asked_for(gateway: Payments, stripe: StripeControl, ident: str) -> None:
    assert reason(lambda: gateway.retrieve_checkout(ident)).reason == "not_found"
    assert stripe.requests() == []


def test_the_breaker_rests_after_five_failures(hasty: Payments, stripe: StripeControl) -> None:
    stripe.fault("drop", times=20)
    for _ in range(5):
        reason(lambda: hasty.subscription("sub_1"))
    assert reading("stripe").state is BreakerState.OPEN
    with pytest.raises(Unavailable, match="rests"):
        hasty.subscription("sub_1")


def test_threads_share_one_gateway(gateway: Payments, stripe: StripeControl) -> None:
    _, sub = subscribed(gateway, stripe)
    seen: list[str] = []
    threads = [threading.Thread(target=lambda: seen.append(gateway.subscription(sub).id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [sub] * 8


def test_without_a_key_payments_are_off(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(Unavailable, match="STRIPE_SECRET_KEY"):
        gate.payments()
    with pytest.raises(Unavailable, match="STRIPE_SECRET_KEY"):
        gate.read_event(b"{}", "t=1,v1=00")


def test_nothing_is_told_to_the_vendor_about_earlier_calls(gateway: Payments, stripe: StripeControl) -> None:
    for _ in range(2):
        customer(gateway)
    assert not any("telemetry" in name for request in stripe.requests() for name in request["headers"])
