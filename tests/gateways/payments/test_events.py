"""Webhooks: what is believed and what is not."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import stripe as sdk
from pytest_django import Settings

from kapture.core.errors import Unavailable
from kapture.gateways.payments import BadEvent, read_event

SECRET = "whsec_of_these_tests"
NOW = 1_800_000_000
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "customer.subscription.updated",
    "created": NOW - 2,
    "livemode": False,
    "api_version": "2026-10-28.endive",
    "data": {"object": {"id": "sub_1", "object": "subscription", "customer": "cus_1"}},
}
BODY = json.dumps(EVENT)


def signed(body: str = BODY, at: int = NOW, secret: str = SECRET) -> str:
    return sdk.WebhookSignature.generate_signature_header(body, secret, at)


@pytest.fixture(autouse=True)
def test_mode(settings: Settings) -> None:
    """A test key and a secret."""
    settings.STRIPE_SECRET_KEY = "sk_test_events"
    settings.STRIPE_WEBHOOK_SECRET = SECRET


def test_a_signed_event_is_read() -> None:
    event = read_event(BODY.encode(), signed(), now=NOW)
    assert (event.id, event.kind, event.created.timestamp()) == ("evt_1", "customer.subscription.updated", NOW - 2)
    assert (event.object_id, event.object_type, event.customer_id) == ("sub_1", "subscription", "cus_1")
    assert event.payload == EVENT
    customer = {"object": "customer", "id": "cus_9"}
    body = json.dumps({**EVENT, "type": "customer.deleted", "data": {"object": customer}})
    assert read_event(body.encode(), signed(body), now=NOW).customer_id == "cus_9"


def test_the_present_is_that_of_the_clock() -> None:
    now = int(time.time())
    assert read_event(BODY.encode(), signed(at=now)).id == "evt_1"
    with pytest.raises(BadEvent):
        read_event(BODY.encode(), signed(at=now + 600))


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    assert read_event(BODY.encode(), signed(at=NOW + seconds), now=NOW)


def test_one_good_signature_of_several_is_enough() -> None:
    good = signed()
    assert read_event(BODY.encode(), good.replace(",v1=", f",v1={'0' * 64},v1="), now=NOW)
    assert read_event(BODY.encode(), f"{good},v0={'0' * 64}", now=NOW)


V1 = signed().partition("v1=")[2]
FORGED: dict[str, tuple[bytes, str]] = {
    "no header": (BODY.encode(), ""),
    "junk": (BODY.encode(), "junk"),
    "other secret": (BODY.encode(), signed(secret="whsec_of_somebody_else")),
    "empty secret": (BODY.encode(), signed(secret="")),
    "v0 only": (BODY.encode(), f"t={NOW},v0={V1}"),
    "upper case": (BODY.encode(), signed().upper()),
    "cut": (BODY.encode(), signed()[:-1]),
    "other letters": (BODY.encode(), f"t={NOW},v1=é{V1}"),
    "too old": (BODY.encode(), signed(at=NOW - 301)),
    "from the future": (BODY.encode(), signed(at=NOW + 301)),
    "no time": (BODY.encode(), f"v1={V1}"),
    "time NaN": (BODY.encode(), f"t=NaN,v1={V1}"),
    "time 1e20": (BODY.encode(), f"t=1e20,v1={V1}"),
    "time beyond numbers": (BODY.encode(), f"t={'9' * 5000},v1={V1}"),
    "time negative": (BODY.encode(), signed(at=-NOW)),
    "second time": (BODY.encode(), f"t={NOW + 1},{signed()}"),
    "body with a space": (BODY.encode() + b" ", signed()),
    "body written again": (json.dumps(EVENT, indent=1).encode(), signed()),
    "empty body": (b"", signed()),
    "no UTF-8": (b"\xff\xfe", signed()),
    "another's signature": (BODY.encode(), f"t={NOW},v1={'0' * 64}"),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_forgery_is_refused(case: str) -> None:
    body, signature = FORGED[case]
    with pytest.raises(BadEvent):
        read_event(body, signature, now=NOW)


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[]",
        "null",
        '"evt_1"',
        "[" * 100_000,
        json.dumps({"object": "charge", "id": "ch_1"}),
        *(
            json.dumps({name: value for name, value in EVENT.items() if name != gone})
            for gone in EVENT
            if gone != "data" and gone != "api_version"
        ),
        *(
            json.dumps({**EVENT, name: value})
            for name, value in [
                ("id", ""),
                ("id", 7),
                ("id", "e" * 256),
                ("type", ""),
                ("type", {}),
                ("created", "now"),
                ("created", 10**20),
                ("created", True),
                ("livemode", "false"),
                ("livemode", True),
            ]
        ),
    ],
    ids=lambda body: body[:40],
)
def test_what_is_signed_but_no_event_of_ours_is_refused(body: str) -> None:
    with pytest.raises(BadEvent):
        read_event(body.encode(), signed(body), now=NOW)


@pytest.mark.parametrize("data", [{}, {"object": None}, {"object": []}, {"object": {"id": 5, "customer": {}}}, []])
def test_an_event_about_nothing_is_still_an_event(data: Any) -> None:
    body = json.dumps({**EVENT, "data": data})
    event = read_event(body.encode(), signed(body), now=NOW)
    assert (event.object_id, event.object_type, event.customer_id) == (None, "", None)


@pytest.mark.parametrize(
    ("key", "live"), [("sk_live_1", True), ("rk_live_1", True), ("sk_org_live_1", True), ("rk_test_1", False)]
)
def test_the_key_says_which_mode_is_ours(settings: Settings, key: str, live: bool) -> None:
    settings.STRIPE_SECRET_KEY = key
    body = json.dumps({**EVENT, "livemode": live})
    assert read_event(body.encode(), signed(body), now=NOW).livemode is live
    other = json.dumps({**EVENT, "livemode": not live})
    with pytest.raises(BadEvent, match="mode"):
        read_event(other.encode(), signed(other), now=NOW)


@pytest.mark.parametrize("secret", ["", "  "])
def test_an_empty_secret_believes_nobody(settings: Settings, secret: str) -> None:
    settings.STRIPE_WEBHOOK_SECRET = secret
    with pytest.raises(Unavailable, match="STRIPE_WEBHOOK_SECRET"):
        read_event(BODY.encode(), signed(secret=secret), now=NOW)


def test_recorded_vectors(recorded: Path, settings: Settings) -> None:
    file = recorded / "webhooks/stripe_vectors.json"
    if not file.exists():
        pytest.skip("the folder of recorded data has no vectors")
    vectors = json.loads(file.read_text())["vectors"]
    assert len(vectors) >= 8
    for vector in vectors:
        settings.STRIPE_WEBHOOK_SECRET = vector["secret"]
        try:
            read_event(vector["body"].encode(), vector["header"] or "", now=vector["now"])
            found = "valid"
        except BadEvent:
            found = "invalid"
        assert found == vector["expect"], vector["name"]
