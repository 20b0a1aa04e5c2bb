"""The Stripe stand-in's API as the real SDK meets it."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe as sdk

from kapture.sandbox.server import Server
from kapture.sandbox.stripe import StripeStandIn
from kapture.sandbox.stripe.control import StripeControl
from tests.sandbox.stripe_account import CREATOR, EXTRA, STUDIO, client_of, customer, opened, subscribed


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


def test_only_test_keys_are_let_in(stripe: StripeControl) -> None:
    for key in ("sk_live_x", "pk_test_x", "nothing"):
        with pytest.raises(sdk.AuthenticationError):
            client_of(stripe.url, key).customers.create({})
    stripe.turn(key="sk_test_right")
    with pytest.raises(sdk.AuthenticationError):
        client_of(stripe.url).customers.create({})
    assert client_of(stripe.url, "sk_test_right").customers.create({}).id
    with pytest.raises(urllib.error.HTTPError, match="401"):
        stripe.get("/v1/customers/cus_1")


def test_answers_carry_what_the_sdk_looks_at(client: Any) -> None:
    made = client.customers.create({"email": "a@example.com"}, {"idempotency_key": "k1"})
    headers = made.last_response.headers
    assert headers["Request-Id"].startswith("req_")
    assert headers["Stripe-Version"] == "2026-10-28.endive"
    assert headers["Idempotency-Key"] == "k1"
    with pytest.raises(sdk.InvalidRequestError) as caught:
        client.customers.retrieve("cus_none")
    assert (caught.value.http_status, caught.value.code, caught.value.param) == (404, "resource_missing", "id")
    assert caught.value.request_id.startswith("req_")
    with pytest.raises(sdk.InvalidRequestError, match="unknown parameter: colour"):
        client.customers.create({"colour": "red"})


def test_an_idempotency_key_answers_once(client: Any, stripe: StripeControl) -> None:
    first = client.customers.create({"email": "a@example.com"}, {"idempotency_key": "k1"})
    again = client.customers.create({"email": "a@example.com"}, {"idempotency_key": "k1"})
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers
    with pytest.raises(sdk.IdempotencyError) as caught:
        client.customers.create({"email": "b@example.com"}, {"idempotency_key": "k1"})
    assert caught.value.http_status == 400
    assert len(stripe.events("customer.created")) == 1
    stripe.advance(days=1.01)
    assert client.customers.create({"email": "b@example.com"}, {"idempotency_key": "k1"}).id != first.id


def test_a_refused_request_does_not_use_its_key_up(client: Any) -> None:
    with pytest.raises(sdk.InvalidRequestError):
        opened(client, "cus_none")
    buyer = customer(client)
    for price in ("price_none", CREATOR):
        params = {"mode": "subscription", "customer": buyer, "line_items": [{"price": price, "quantity": 1}]}
        params |= {"success_url": "http://a.example/", "cancel_url": "http://a.example/"}
        if price == CREATOR:
            assert client.checkout.sessions.create(params, {"idempotency_key": "k1"}).status == "open"
        else:
            with pytest.raises(sdk.InvalidRequestError, match="No such price"):
                client.checkout.sessions.create(params, {"idempotency_key": "k1"})


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"mode": "setup"}, "mode"),
        ({"mode": "payment"}, "line_items"),
        ({"customer": "cus_none"}, "customer"),
        ({"success_url": "not an address"}, "success_url"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"line_items": []}, "line_items"),
        ({"line_items": [{"price": CREATOR}, {"price": STUDIO}]}, "line_items"),
        ({"line_items": [{"price": EXTRA}]}, "line_items"),
        ({"expires_at": 5}, "expires_at"),
        ({"colour": "red"}, "colour"),
    ],
    ids=str,
)
def test_a_checkout_that_stripe_would_refuse_is_refused(client: Any, change: dict[str, Any], param: str) -> None:
    with pytest.raises(sdk.InvalidRequestError) as caught:
        opened(client, customer(client), **change)
    assert caught.value.param == param


def test_prices_are_seeded_told_or_state_themselves(client: Any, stripe: StripeControl) -> None:
    listed = client.prices.list({"lookup_keys": ["creator_monthly", "topup_ai_100"], "expand": ["data.product"]})
    assert {price.product.name: price.unit_amount for price in listed.data} == {
        "Kapture Creator": 1900,
        "100 AI generations": 900,
    }
    assert len(client.products.list().data) == 5
    assert [product.id for product in client.products.list({"ids": ["prod_topup_ai_100"]}).data] == [
        "prod_topup_ai_100"
    ]
    stripe.put_price("price_of_tests", 12_300, "year", name="Team", currency="eur")
    told = client.prices.retrieve("price_of_tests")
    assert (told.unit_amount, told.currency, told.recurring.interval) == (12_300, "eur", "year")
    stated = client.prices.retrieve("price_big_team_4900_month")
    assert (stated.unit_amount, stated.recurring.interval) == (4900, "month")
    assert client.products.retrieve(stated.product).name == "Big team"
    assert client.prices.retrieve("price_more_500_once").type == "one_time"
    with pytest.raises(sdk.InvalidRequestError):
        client.prices.retrieve("price_of_nobody")


def test_lists_are_paged_filtered_and_expanded(client: Any, stripe: StripeControl) -> None:
    subs = [subscribed(client, stripe) for _ in range(5)]
    client.subscriptions.cancel(subs[0].id)
    every = list(client.subscriptions.list({"status": "all", "limit": 2}).auto_paging_iter())
    assert [sub.id for sub in every] == [sub.id for sub in reversed(subs)]
    back = client.subscriptions.list({"status": "all", "limit": 2, "ending_before": subs[0].id})
    assert [sub.id for sub in back.data] == [subs[2].id, subs[1].id]
    assert back.has_more
    assert [sub.id for sub in client.subscriptions.list({"status": "canceled"}).data] == [subs[0].id]
    assert len(client.subscriptions.list().data) == 4
    (mine,) = client.subscriptions.list({"customer": subs[1].customer, "expand": ["data.latest_invoice"]}).data
    assert mine.latest_invoice.amount_paid == 1900
    assert client.invoices.list({"subscription": mine.id}).data[0].id == mine.latest_invoice.id
    assert client.checkout.sessions.list({"subscription": mine.id}).data[0].status == "complete"
    for bad in ({"limit": 0}, {"starting_after": "sub_none"}, {"expand": ["data.colour"]}, {"created": {"gtt": 1}}):
        with pytest.raises(sdk.InvalidRequestError):
            client.subscriptions.list(bad)


def test_a_customer_is_changed_and_deleted(client: Any, stripe: StripeControl) -> None:
    sub = subscribed(client, stripe)
    changed = client.customers.update(sub.customer, {"email": "b@example.com", "metadata": {"a": "1", "b": "2"}})
    changed = client.customers.update(sub.customer, {"metadata": {"a": ""}})
    assert (changed.email, changed.metadata.to_dict()) == ("b@example.com", {"b": "2"})
    assert client.customers.delete(sub.customer).deleted
    assert client.customers.retrieve(sub.customer).deleted
    assert client.subscriptions.retrieve(sub.id).status == "canceled"
    with pytest.raises(sdk.InvalidRequestError):
        client.customers.delete(sub.customer)
    kinds = [event["type"] for event in stripe.events()][-2:]
    assert kinds == ["customer.subscription.deleted", "customer.deleted"]


def test_objects_are_in_todays_shape(client: Any, stripe: StripeControl) -> None:
    sub = subscribed(client, stripe, subscription_data={"metadata": {"plan": "creator"}})
    raw = json.loads(client.subscriptions.retrieve(sub.id).last_response.body)
    assert "current_period_end" not in raw
    assert raw["items"]["data"][0]["current_period_end"]
    assert raw["billing_mode"]["type"] == "flexible"
    paper = json.loads(client.invoices.retrieve(sub.latest_invoice).last_response.body)
    assert "subscription" not in paper
    assert paper["parent"]["subscription_details"] == {"metadata": {"plan": "creator"}, "subscription": sub.id}
    assert not [name for name in {**raw, **paper} if name.startswith("_")]


def test_an_account_outlives_its_process(tmp_path: Path) -> None:
    file = tmp_path / "stripe.json"
    with Server(StripeStandIn(file)) as server:
        control = StripeControl(server.url)
        sub = subscribed(client_of(server.url), control)
        control.put_price("price_of_tests", 500)
        moved = control.advance(days=3)
    with Server(StripeStandIn(file)) as server:
        control = StripeControl(server.url)
        again = client_of(server.url).subscriptions.retrieve(sub.id)
        assert (again.status, again["items"].data[0].price.id) == ("active", CREATOR)
        assert client_of(server.url).prices.retrieve("price_of_tests").unit_amount == 500
        assert 0 <= control.now() - moved < 30
        assert len(control.events()) == 4
    file.write_text("no json")
    with Server(StripeStandIn(file)) as server:
        assert client_of(server.url).subscriptions.list({"status": "all"}).data == []
    assert (tmp_path / "stripe.unreadable").read_text() == "no json"
