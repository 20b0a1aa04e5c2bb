"""Webhooks of the stand-in: signed, sent again, sent twice, sent in any order, or not at all."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from kapture.sandbox.server import Server
from kapture.sandbox.stripe import StripeStandIn
from kapture.sandbox.stripe.control import StripeControl
from tests.sandbox.stripe_account import SECRET, Endpoint, client_of, customer, subscribed


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def stripe(endpoint: Endpoint) -> Iterator[StripeControl]:
    with Server(endpoint) as site, Server(StripeStandIn(retry_seconds=0.02)) as account:
        control = StripeControl(account.url)
        control.point_at(f"{site.url}/api/webhooks/stripe", SECRET)
        yield control


@pytest.fixture
def client(stripe: StripeControl) -> Any:
    return client_of(stripe.url)


def delivered(stripe: StripeControl) -> dict[str, Any]:
    """The account's one event, once it is noted down as delivered: our answer is on its way before that."""
    until = time.monotonic() + 10
    while not (event := stripe.events()[0])["delivered"] and time.monotonic() < until:
        time.sleep(0.02)
    return event


def told(stripe: StripeControl) -> list[str]:
    return [event["id"] for event in stripe.events()]


def test_every_event_is_signed_and_delivered(client: Any, stripe: StripeControl, endpoint: Endpoint) -> None:
    sub = subscribed(client, stripe)
    assert sorted(endpoint.ids(4)) == sorted(told(stripe))
    event = next(event for event in endpoint.taken if event["type"] == "customer.subscription.created")
    assert event["data"]["object"]["id"] == sub.id
    assert (event["object"], event["livemode"], event["api_version"]) == ("event", False, "2026-10-28.endive")
    made = next(event for event in endpoint.taken if event["type"] == "customer.created")
    assert made["request"]["id"].startswith("req_")
    assert event["request"] == {"id": None, "idempotency_key": None}


def test_an_event_nobody_took_is_sent_again_and_listed(client: Any, stripe: StripeControl, endpoint: Endpoint) -> None:
    endpoint.script = [500, 302]
    customer(client)
    assert endpoint.ids(1) == told(stripe)
    event = delivered(stripe)
    assert (event["tries"], event["delivered"]) == ([500, 302, 200], True)
    assert client.events.list({"delivery_success": True}).data[0].pending_webhooks == 0
    stripe.turn(webhook_url="http://127.0.0.1:9/nobody", retries=0)
    customer(client)
    assert [event.type for event in client.events.list({"delivery_success": False}).data] == ["customer.created"]
    assert client.events.retrieve(told(stripe)[1]).pending_webhooks == 1


def test_each_event_can_come_many_times_at_once(client: Any, stripe: StripeControl, endpoint: Endpoint) -> None:
    stripe.turn(copies=7, shuffle=True)
    customer(client)
    assert endpoint.ids(7) == told(stripe) * 7


def test_lost_events_are_not_sent_until_somebody_asks(client: Any, stripe: StripeControl, endpoint: Endpoint) -> None:
    stripe.turn(deliver="off")
    subscribed(client, stripe)
    stripe.turn(deliver="on")
    last = customer(client)
    assert endpoint.ids(1) == told(stripe)[-1:]
    assert endpoint.taken[0]["data"]["object"]["id"] == last
    lost = client.events.list({"delivery_success": False, "types": ["invoice.paid", "customer.created"]}).data
    assert sorted(event.type for event in lost) == ["customer.created", "invoice.paid"]
    assert [sent["status"] for sent in stripe.deliver()] == [200] * 4
    assert client.events.list({"delivery_success": False}).data == []


def test_chosen_events_come_in_a_chosen_order(client: Any, stripe: StripeControl, endpoint: Endpoint) -> None:
    stripe.turn(deliver="manual")
    subscribed(client, stripe)
    wanted = told(stripe)[::-1]
    endpoint.script = [500]
    sent = stripe.deliver(wanted, copies=2, gap_ms=1)
    assert [result["id"] for result in sent] == [ident for ident in wanted for _ in range(2)]
    assert [result["status"] for result in sent] == [500] + [200] * 7
    assert endpoint.ids() == [wanted[0], *[ident for ident in wanted[1:] for _ in range(2)]]
    assert {result["status"] for result in stripe.deliver(wanted, copies=20, parallel=True)} == {200}
    assert len(endpoint.taken) == 7 + 80
    assert stripe.deliver(["evt_none"]) == [{"id": "evt_none", "status": 0}]


def test_the_clock_moves_events_but_not_signatures(client: Any, stripe: StripeControl, endpoint: Endpoint) -> None:
    stripe.turn(deliver="manual")
    subscribed(client, stripe)
    stripe.advance(days=40)
    stripe.deliver()
    assert len(endpoint.ids()) == 6
    created = [event["created"] for event in endpoint.taken]
    assert created[-1] - created[0] > 27 * 86_400
    since = client.events.list({"created": {"gte": created[-1]}}).data
    assert [event.type for event in since] == ["invoice.paid", "customer.subscription.updated"]


def test_knobs_know_their_words(stripe: StripeControl) -> None:
    for knobs in ({"deliver": "maybe"}, {"after_retries": "forgiven"}, {"colour": "red"}):
        with pytest.raises(OSError, match="400"):
            stripe.turn(**knobs)
