"""What others tell in Stripe's name: nothing of it is believed, and nothing is kept."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from kapture.inbox.models import WebhookEvent
from kapture.sandbox.stripe.webhooks import signature
from tests.api.answers import accepted
from tests.billing.till import ADDRESS, SECRET, Till, send
from tests.thorough import some

pytestmark = pytest.mark.django_db

EVENT = {
    "id": "evt_forged",
    "object": "event",
    "type": "invoice.paid",
    "created": 1,
    "livemode": False,
    "data": {"object": {"id": "in_1", "object": "invoice", "customer": "cus_1"}},
}
BODY = json.dumps(EVENT).encode()


def at(moment: int, body: bytes = BODY, secret: str = SECRET, scheme: str = "v1") -> str:
    digest = hmac.new(secret.encode(), b"%d." % moment + body, hashlib.sha256).hexdigest()
    return f"t={moment},{scheme}={digest}"


def digest(text: str, body: bytes = BODY, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text.encode() + b"." + body, hashlib.sha256).hexdigest()


def now() -> int:
    return int(time.time())


def other(**fields: Any) -> bytes:
    return json.dumps({**EVENT, **fields}).encode()


Forgery = Callable[[], tuple[bytes, str]]
FORGERIES: dict[str, Forgery] = {
    "no signature": lambda: (BODY, ""),
    "a blank one": lambda: (BODY, "   "),
    "a word": lambda: (BODY, "signed"),
    "a wrong secret": lambda: (BODY, at(now(), secret="whsec_other")),
    "an empty secret": lambda: (BODY, at(now(), secret="")),
    "the name of the secret": lambda: (BODY, at(now(), secret="whsec_")),
    "the key of the API": lambda: (BODY, at(now(), secret="sk_test_till")),
    "version 0 only": lambda: (BODY, at(now(), scheme="v0")),
    "version 2 only": lambda: (BODY, at(now(), scheme="v2")),
    "no version": lambda: (BODY, f"t={now()}"),
    "an empty digest": lambda: (BODY, f"t={now()},v1="),
    "half a digest": lambda: (BODY, at(now())[:-32]),
    "a longer digest": lambda: (BODY, at(now()) + "00"),
    "capital letters": lambda: (BODY, at(now()).upper()),
    "another alphabet": lambda: (BODY, at(now())[:-1] + "\N{CYRILLIC SMALL LETTER A}"),
    "no time": lambda: (BODY, "v1=" + digest("")),
    "no number": lambda: (BODY, "t=NaN,v1=" + digest("NaN")),
    "infinity": lambda: (BODY, "t=inf,v1=" + digest("inf")),
    "a power": lambda: (BODY, "t=1e20,v1=" + digest("1e20")),
    "a fraction": lambda: (BODY, f"t={now()}.5,v1=" + digest(f"{now()}.5")),
    "a time below zero": lambda: (BODY, "t=-1,v1=" + digest("-1")),
    "the year 5138": lambda: (BODY, at(99_999_999_999)),
    "a time of a hundred digits": lambda: (BODY, f"t={'9' * 100},v1=" + digest("9" * 100)),
    "yesterday": lambda: (BODY, at(now() - 86_400)),
    "301 seconds ago": lambda: (BODY, at(now() - 302)),
    "in 301 seconds": lambda: (BODY, at(now() + 303)),
    "the right digest for another time": lambda: (BODY, f"t={now()},v1={at(now() - 5).rpartition('=')[2]}"),
    "two times, of which the second is right": lambda: (BODY, f"t=1,{at(now())}"),
    "a space more in the body": lambda: (BODY + b" ", at(now())),
    "the body written anew": lambda: (json.dumps(EVENT, indent=1).encode(), at(now())),
    "another body": lambda: (other(id="evt_2"), at(now())),
    "live mode": lambda: (other(livemode=True), at(now(), other(livemode=True))),
    "no mode": lambda: (other(livemode=None), at(now(), other(livemode=None))),
    "a connected account": lambda: (other(account="acct_1"), at(now(), other(account="acct_1"))),
    "no event": lambda: (other(object="charge"), at(now(), other(object="charge"))),
    "no id": lambda: (other(id=None), at(now(), other(id=None))),
    "an id of 300 letters": lambda: (other(id="e" * 300), at(now(), other(id="e" * 300))),
    "no kind": lambda: (other(type=7), at(now(), other(type=7))),
    "a list": lambda: (b"[]", at(now(), b"[]")),
    "no JSON": lambda: (b"{", at(now(), b"{")),
    "bytes that are no text": lambda: (b"\xff\xfe", at(now(), b"\xff\xfe")),
    "nothing": lambda: (b"", at(now(), b"")),
    "a form": lambda: (b"id=evt_1", at(now(), b"id=evt_1")),
    "a body of 10 MB": lambda: (BODY + b" " * (10 << 20), at(now())),
    "the signature of Clerk": lambda: (BODY, f"v1,{digest('msg_1')}"),
}


@pytest.mark.parametrize("forgery", some(list(FORGERIES.values())), ids=some(list(FORGERIES)))
def test_no_forgery_is_believed_or_kept(
    till: Till, forgery: Forgery, django_assert_num_queries: Callable[[int], Any]
) -> None:
    body, signed = forgery()
    with django_assert_num_queries(0):
        answer = send(body, signed=signed)
    assert answer.status_code == (413 if len(body) > 1 << 20 else 400)
    assert answer.json()["error"]["message"] != "NotFound"
    assert not WebhookEvent.objects.exists()


def test_there_are_forty_forgeries_and_the_real_thing_is_believed(till: Till) -> None:
    assert len(FORGERIES) >= 40
    assert accepted(send(BODY)) == {"isNew": True}
    assert accepted(send(BODY)) == {"isNew": False}
    assert accepted(send(BODY, signed=f"{at(now(), secret='whsec_old')},{at(now()).partition(',')[2]}")) == {
        "isNew": False
    }


@pytest.mark.parametrize("name", ["HTTP_X_DJSTRIPE_WEBHOOK_SECRET", "HTTP_X_WEBHOOK_SECRET", "HTTP_AUTHORIZATION"])
def test_no_header_replaces_the_secret(till: Till, name: str) -> None:
    headers = {name: "whsec_mine", "HTTP_STRIPE_SIGNATURE": signature(BODY, "whsec_mine")}
    answer = Client().post(ADDRESS, BODY, content_type="application/json", **headers)  # type: ignore[arg-type]
    assert answer.status_code == 400


def test_the_other_way_round_test_events_are_refused_in_live_mode(till: Till, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_till"
    assert send(BODY).status_code == 400
    assert send(other(livemode=True)).status_code == 200


@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
def test_without_key_or_secret_nobody_is_believed(till: Till, settings: Settings, name: str) -> None:
    setattr(settings, name, "")
    answer = send(BODY, secret="")
    assert answer.status_code == 503
    assert answer.json()["error"]["details"]["setting"] == name
    assert not WebhookEvent.objects.exists()


def test_a_flood_of_unsigned_requests_leaves_no_row(
    till: Till, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(0):
        assert {send(BODY, signed="t=1,v1=00").status_code for _ in range(200)} == {400}
    assert not WebhookEvent.objects.exists()
