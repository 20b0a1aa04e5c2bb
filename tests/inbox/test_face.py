"""What vendors send is verified before it costs anything, kept once, and answered with what became of it."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from django.test import Client
from django.urls import path

from kapture.core.errors import Unavailable
from kapture.inbox import handlers
from kapture.inbox.face import LARGEST, Refused, Signed, believe_nobody, webhook
from kapture.inbox.models import WebhookEvent
from kapture.jobs.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
ADDRESS = "/api/webhooks/test"


def verify(body: bytes, headers: Mapping[str, str]) -> Signed:
    match headers.get("Test-Signature"):
        case "good":
            value = json.loads(body)
            return Signed(value["id"], value["kind"]) if isinstance(value, dict) else Signed("evt_list", "list")
        case "off":
            raise Unavailable("Its secret is not set.")
    raise Refused


urlpatterns = [path("api/webhooks/test", webhook("test", verify))]


@pytest.fixture(autouse=True)
def _handler() -> Iterator[None]:
    handlers.register(
        "test", "thing.changed", handlers.Handler(lambda event: "thing", lambda event: None, lambda event, latest: None)
    )
    yield
    handlers._handlers.pop(("test", "thing.changed"))


def send(client: Client, body: Any, signature: str = "good", **extra: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Test-Signature": signature, **extra}
    return client.post(ADDRESS, raw, content_type="application/json", headers=headers)


def test_a_signed_event_is_kept_once_and_always_answered(client: Client) -> None:
    event = {"id": "evt_1", "kind": "thing.changed", "n": 1.5}
    answers = [send(client, event).json() for _ in range(3)]
    assert [answer["data"] for answer in answers] == [{"isNew": True}, {"isNew": False}, {"isNew": False}]
    assert all(answer["success"] for answer in answers)
    kept = WebhookEvent.objects.get()
    assert (kept.provider, kept.event_id, kept.kind, kept.payload) == ("test", "evt_1", "thing.changed", event)
    assert Job.objects.count() == 1


def test_an_address_that_nobody_gave_a_vendor_believes_nobody() -> None:
    with pytest.raises(Refused):
        believe_nobody(b'{"id": "evt_1", "kind": "a"}', {"Test-Signature": "good"})


def test_a_session_or_a_key_in_the_request_plays_no_part(client: Client, browser: Client) -> None:
    headers = {"Authorization": "Bearer kap_nonsense"}
    assert send(browser, {"id": "evt_1", "kind": "a"}, **headers).status_code == 200
    assert send(Client(enforce_csrf_checks=True), {"id": "evt_2", "kind": "a"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "signature", "status", "code"),
    [
        ({"id": "evt_1", "kind": "thing.changed"}, "bad", 400, "VALIDATION_ERROR"),
        ({"id": "evt_1", "kind": "thing.changed"}, "off", 503, "SERVICE_UNAVAILABLE"),
        (b"\xff\xfe", "bad", 400, "VALIDATION_ERROR"),
        (b"[]", "good", 400, "VALIDATION_ERROR"),
        (b'{"id": "evt_1", "kind": "a", "n": NaN}', "good", 400, "VALIDATION_ERROR"),
        (b'{"id": "evt_1", "kind": "a", "n": "\\u0000"}', "good", 400, "VALIDATION_ERROR"),
        (b'{"id": "evt_1", "kind": "a", "n": "\\ud800"}', "good", 400, "VALIDATION_ERROR"),
        (b'{"id": "evt_1", "kind": "a", "n": ' + b"[" * 500 + b"]" * 500 + b"}", "good", 400, "VALIDATION_ERROR"),
        ({"id": "e" * 256, "kind": "a"}, "good", 400, "VALIDATION_ERROR"),
        ({"id": "evt_1", "kind": "a" * 101}, "good", 400, "VALIDATION_ERROR"),
        ({"id": "", "kind": "a"}, "good", 400, "VALIDATION_ERROR"),
        (b"{" + b" " * LARGEST + b"}", "good", 413, "PAYLOAD_TOO_LARGE"),
    ],
)
def test_what_is_refused_costs_no_query(
    client: Client,
    django_assert_num_queries: Callable[[int], Any],
    body: Any,
    signature: str,
    status: int,
    code: str,
) -> None:
    with django_assert_num_queries(0):
        response = send(client, body, signature)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert not WebhookEvent.objects.exists()


def test_a_length_that_is_no_number_is_refused(client: Client) -> None:
    response = client.generic("POST", ADDRESS, b"{}", "application/json", CONTENT_LENGTH="-1")
    assert response.status_code == 413


def test_only_posts_are_taken(client: Client) -> None:
    assert client.get(ADDRESS).status_code == 405
    assert client.put(ADDRESS).status_code == 405
