"""What becomes of subscriptions and checkouts as the account's clock goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe as sdk

from kapture.sandbox.server import Server
from kapture.sandbox.stripe import StripeStandIn
from kapture.sandbox.stripe.control import StripeControl
from kapture.sandbox.stripe.periods import period_end
from tests.sandbox.stripe_account import CREATOR, EXTRA, STUDIO, client_of, customer, opened, period, subscribed

DAY = 86_400


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(StripeStandIn()) as running:
        yield running


@pytest.fixture
def stripe(server: Server) -> StripeControl:
    control = StripeControl(server.url)
    control.reset()
    return control


@pytest.fixture
def client(stripe: StripeControl) -> Any:
    return client_of(stripe.url)


def kinds(stripe: StripeControl, since: int = 0) -> list[str]:
    return [event["type"] for event in stripe.events()][since:]


def test_a_period_that_begins_on_the_31st_ends_with_each_month() -> None:
    def at(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())

    price = {"recurring": {"interval": "month", "interval_count": 1}}
    start = anchor = at("2027-12-31T10:00")
    ends = []
    for _ in range(4):
        start = period_end(anchor, start, price)
        ends.append(start)
    assert ends == [at("2028-01-31T10:00"), at("2028-02-29T10:00"), at("2028-03-31T10:00"), at("2028-04-30T10:00")]
    yearly = {"recurring": {"interval": "year", "interval_count": 1}}
    assert period_end(at("2028-02-29"), at("2028-02-29"), yearly) == at("2029-02-28")
    weekly = {"recurring": {"interval": "week", "interval_count": 2}}
    assert period_end(at("2028-02-20"), at("2028-02-20"), weekly) == at("2028-03-05")


def test_a_payment_makes_a_subscription_an_invoice_and_its_events(client: Any, stripe: StripeControl) -> None:
    sub = subscribed(client, stripe)
    assert kinds(stripe) == [
        "customer.created",
        "customer.subscription.created",
        "invoice.paid",
        "checkout.session.completed",
    ]
    paper = client.invoices.retrieve(sub.latest_invoice)
    assert (paper.status, paper.billing_reason, paper.number[-5:]) == ("paid", "subscription_create", "-0001")


def test_a_subscription_renews(client: Any, stripe: StripeControl) -> None:
    sub = subscribed(client, stripe)
    _, end = period(sub)
    stripe.advance(seconds=end - stripe.now() + 5)
    renewed = client.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]})
    assert renewed.status == "active"
    assert period(renewed)[0] == end
    assert renewed.latest_invoice.billing_reason == "subscription_cycle"
    assert kinds(stripe, 4) == ["customer.subscription.updated", "invoice.paid"]
    assert abs(stripe.events()[-1]["created"] - end) <= 1


def test_a_card_that_fails_leads_to_overdue_and_to_the_end(client: Any, stripe: StripeControl) -> None:
    sub = subscribed(client, stripe)
    stripe.card(sub.customer, "declined")
    stripe.advance(seconds=period(sub)[1] - stripe.now())
    overdue = client.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]})
    assert (overdue.status, overdue.latest_invoice.status) == ("past_due", "open")
    assert kinds(stripe, 4) == ["customer.subscription.updated", "invoice.payment_failed"]
    stripe.advance(days=3)
    assert client.invoices.retrieve(overdue.latest_invoice.id).attempt_count == 2
    stripe.advance(days=12)
    assert client.subscriptions.retrieve(sub.id).status == "canceled"
    assert kinds(stripe, 6) == ["invoice.payment_failed"] * 3 + ["customer.subscription.deleted"]


def test_a_card_that_works_again_pays_what_is_owed(client: Any, stripe: StripeControl) -> None:
    stripe.turn(after_retries="unpaid")
    sub = subscribed(client, stripe)
    stripe.card(sub.customer, "declined")
    stripe.advance(days=60)
    assert client.subscriptions.retrieve(sub.id).status == "unpaid"
    stripe.card(sub.customer, "works")
    stripe.act(sub.id, "pay")
    paid = client.subscriptions.retrieve(sub.id)
    assert paid.status == "active"
    assert client.invoices.retrieve(paid.latest_invoice).status == "paid"
    assert kinds(stripe)[-2:] == ["invoice.paid", "customer.subscription.updated"]


def test_a_cancelled_subscription_ends_with_its_period_unless_it_is_kept(client: Any, stripe: StripeControl) -> None:
    sub, kept = subscribed(client, stripe), subscribed(client, stripe)
    client.subscriptions.update(sub.id, {"cancel_at_period_end": True})
    cancelled = client.subscriptions.update(kept.id, {"cancel_at_period_end": True})
    assert (cancelled.cancel_at, cancelled.status) == (period(kept)[1], "active")
    assert client.subscriptions.update(kept.id, {"cancel_at_period_end": False}).cancel_at is None
    stripe.advance(days=32)
    ended = client.subscriptions.retrieve(sub.id)
    assert (ended.status, ended.ended_at) == ("canceled", period(sub)[1])
    assert client.subscriptions.retrieve(kept.id).status == "active"
    with pytest.raises(sdk.InvalidRequestError):
        client.subscriptions.update(sub.id, {"cancel_at_period_end": False})


def test_a_dearer_plan_costs_the_difference_and_a_cheaper_one_nothing(client: Any, stripe: StripeControl) -> None:
    sub = subscribed(client, stripe)
    start, end = period(sub)
    stripe.advance(seconds=(end - start) // 2)
    dearer = client.subscriptions.update(
        sub.id, {"items": [{"id": sub["items"].data[0].id, "price": STUDIO}], "expand": ["latest_invoice"]}
    )
    assert dearer["items"].data[0].price.id == STUDIO
    assert abs(dearer.latest_invoice.amount_paid - (5900 - 1900) // 2) <= 1
    assert dearer.latest_invoice.billing_reason == "subscription_update"
    stripe.change(sub.id, CREATOR)
    cheaper = client.subscriptions.retrieve(sub.id)
    assert cheaper["items"].data[0].price.id == CREATOR
    assert cheaper.latest_invoice == dearer.latest_invoice.id
    assert period(cheaper) == (start, end)
    with pytest.raises(sdk.InvalidRequestError):
        client.subscriptions.update(sub.id, {"items": [{"price": EXTRA}]})


def test_a_trial_warns_and_becomes_a_paid_subscription(client: Any, stripe: StripeControl) -> None:
    sub = subscribed(client, stripe, subscription_data={"trial_period_days": 14})
    assert (sub.status, sub.trial_end) == ("trialing", period(sub)[1])
    session = client.checkout.sessions.list({"subscription": sub.id}).data[0]
    assert session.payment_status == "no_payment_required"
    stripe.advance(days=12)
    assert kinds(stripe)[-1] == "customer.subscription.trial_will_end"
    stripe.advance(days=3)
    paid = client.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]})
    assert (paid.status, paid.latest_invoice.amount_paid) == ("active", 1900)
    assert kinds(stripe)[-2:] == ["customer.subscription.updated", "invoice.paid"]


def test_a_second_step_leaves_a_subscription_incomplete_until_it_is_confirmed(
    client: Any, stripe: StripeControl
) -> None:
    buyer = customer(client)
    session = opened(client, buyer)
    stripe.go(session.id, "second_step")
    (sub,) = client.subscriptions.list({"customer": buyer, "status": "all"}).data
    assert sub.status == "incomplete"
    assert client.checkout.sessions.retrieve(session.id).status == "open"
    stripe.go(session.id, "refuse")
    stripe.go(session.id, "second_step")
    stripe.go(session.id, "confirm")
    assert client.subscriptions.retrieve(sub.id).status == "active"
    assert client.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert kinds(stripe, 1) == [
        "customer.subscription.created",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "customer.subscription.updated",
        "invoice.paid",
        "checkout.session.completed",
    ]


def test_what_nobody_confirms_or_pays_expires(client: Any, stripe: StripeControl) -> None:
    buyer = customer(client)
    forgotten, unconfirmed, declined = (opened(client, buyer) for _ in range(3))
    stripe.go(unconfirmed.id, "second_step")
    stripe.go(declined.id, "declined")
    stripe.advance(days=1.1)
    (sub,) = client.subscriptions.list({"customer": buyer, "status": "all"}).data
    assert sub.status == "incomplete_expired"
    for session in (forgotten, unconfirmed, declined):
        assert client.checkout.sessions.retrieve(session.id).status == "expired"
    assert kinds(stripe).count("checkout.session.expired") == 3
    with pytest.raises(sdk.InvalidRequestError):
        client.checkout.sessions.expire(forgotten.id)
    stripe.go(forgotten.id, "pay")
    assert client.checkout.sessions.retrieve(forgotten.id).status == "expired"


@pytest.mark.parametrize(("card", "status"), [("works", "paid"), ("declined", "unpaid")])
def test_money_by_bank_arrives_or_does_not(client: Any, stripe: StripeControl, card: str, status: str) -> None:
    buyer = customer(client)
    session = opened(client, buyer, EXTRA)
    stripe.go(session.id, "bank")
    assert client.checkout.sessions.retrieve(session.id).payment_status == "unpaid"
    stripe.card(buyer, card)
    stripe.advance(days=3.1)
    assert client.checkout.sessions.retrieve(session.id).payment_status == status
    outcome = "async_payment_succeeded" if card == "works" else "async_payment_failed"
    assert kinds(stripe, 1) == ["checkout.session.completed", f"checkout.session.{outcome}"]


def test_collecting_can_be_paused_and_a_subscription_too(client: Any, stripe: StripeControl) -> None:
    sub = subscribed(client, stripe)
    client.subscriptions.update(sub.id, {"pause_collection": {"behavior": "keep_as_draft"}})
    stripe.advance(days=32)
    quiet = client.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]})
    assert (quiet.status, quiet.latest_invoice.status) == ("active", "draft")
    assert client.subscriptions.update(sub.id, {"pause_collection": ""}).pause_collection is None
    stripe.act(sub.id, "pause")
    stripe.advance(days=90)
    assert client.subscriptions.retrieve(sub.id).status == "paused"
    stripe.act(sub.id, "resume")
    assert client.subscriptions.retrieve(sub.id).status == "active"
    assert kinds(stripe)[-2:] == ["customer.subscription.paused", "customer.subscription.resumed"]


def test_the_clock_never_goes_back(stripe: StripeControl) -> None:
    assert stripe.post("/_sandbox/clock", {"to": stripe.now() + DAY})["now"] >= stripe.now()
    for told in ({"to": 5}, {"advance_seconds": -1}, {"to": "tomorrow"}):
        with pytest.raises(OSError, match="400"):
            stripe.post("/_sandbox/clock", told)
