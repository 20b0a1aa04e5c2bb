"""Facts from recorded objects of today's API version and of older ones, and from objects that lack something."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stripe as sdk

from kapture.gateways.payments import InvoiceStatus, SubscriptionStatus, reading
from kapture.gateways.payments.events import parse_event
from kapture.gateways.payments.reading import UnreadableError

READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "subscription": reading.subscription,
    "invoice": reading.invoice,
    "checkout.session": reading.checkout,
    "event": parse_event,
}


def through_sdk(value: dict[str, Any]) -> dict[str, Any]:
    """The object as a call of the SDK gives it."""
    client = sdk.StripeClient("sk_test_reading")
    return client.deserialize(json.loads(json.dumps(value)), api_mode="V1").to_dict(for_json=True)


def test_recorded_objects_of_every_version_are_read(recorded: Path) -> None:
    if not (recorded / "stripe").is_dir():
        pytest.skip("the folder of recorded data has no Stripe objects")
    found = []
    for file in sorted((recorded / "stripe").glob("*/*.json")):
        value = json.loads(file.read_text())
        if value.get("object") in READERS and not value.get("deleted"):
            assert READERS[value["object"]](value) == READERS[value["object"]](through_sdk(value))
            found.append(value["object"])
    assert sorted(set(found)) == sorted(READERS)
    assert len(found) >= 7


def test_an_older_subscription_has_its_period_at_the_top(recorded: Path) -> None:
    file = recorded / "stripe/older-api-2020/subscription_sub_fakefakefakefakefake0001.json"
    if not file.exists():
        pytest.skip("the folder of recorded data has no older subscription")
    facts = reading.subscription(json.loads(file.read_text()))
    assert facts.period_start is not None
    assert facts.period_end is not None
    assert facts.period_end.timestamp() == 1_560_673_576
    assert facts.price_id == "gold21323"


SUB = {
    "id": "sub_1",
    "customer": {"id": "cus_1", "object": "customer"},
    "status": "paused",
    "created": 1_700_000_000,
    "latest_invoice": {"id": "in_1"},
    "pause_collection": {"behavior": "void"},
    "items": {"data": [{"price": {"id": "price_1", "product": {"id": "prod_1"}}, "current_period_end": 1_700_000_100}]},
}


def test_objects_put_in_place_of_ids_are_read_as_their_ids() -> None:
    facts = reading.subscription(SUB)
    assert (facts.customer_id, facts.latest_invoice_id, facts.product_id) == ("cus_1", "in_1", "prod_1")
    assert (facts.status, facts.paused) == (SubscriptionStatus.PAUSED, True)


def test_a_subscription_without_items_has_no_price_and_no_period() -> None:
    facts = reading.subscription({**SUB, "items": {"data": []}})
    assert (facts.price_id, facts.product_id, facts.period_start, facts.period_end) == (None, None, None, None)


def test_an_invoice_of_no_subscription_is_read() -> None:
    facts = reading.invoice(
        {"id": "in_1", "status": "open", "created": 1, "amount_due": 5, "amount_paid": 0, "parent": None}
    )
    assert (facts.status, facts.subscription_id, facts.hosted_url) == (InvoiceStatus.OPEN, None, "")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", 5, None, "data:text/html,x"])
def test_an_address_a_browser_must_not_follow_is_none(url: object) -> None:
    paper = {"id": "in_1", "status": "open", "created": 1, "amount_due": 5, "amount_paid": 0}
    assert reading.invoice({**paper, "hosted_invoice_url": url}).hosted_url == ""


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": ["sub_1"]},
        {"customer": None},
        {"status": None},
        {"status": "asleep"},
        {"created": "yesterday"},
        {"created": 10**20},
        {"created": None},
        {"cancel_at": 1.5},
        {"trial_end": True},
    ],
    ids=str,
)
def test_an_object_without_what_it_must_have_is_unreadable(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        reading.subscription({**SUB, **change})
