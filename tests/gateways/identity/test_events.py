"""An event is believed when it was signed just now with our secret."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from kapture.core.errors import Unavailable
from kapture.gateways.identity import BadEvent, read_event
from kapture.sandbox.clerk.webhooks import signed
from tests.gateways.identity.instance import SECRET

OTHER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = json.dumps({"type": "user.created", "data": {"id": "user_1"}, "timestamp": 1_654_012_591_835})


@pytest.fixture(autouse=True)
def _secret(settings: Settings) -> None:
    settings.CLERK_WEBHOOK_SECRET = SECRET


def headers(body: str = BODY, secret: str = SECRET, late: float = 0, **changes: str) -> dict[str, str]:
    at = datetime.now(UTC) - timedelta(seconds=late)
    told = signed("msg_1", body, secret, at)
    return {name: value for name, value in {**told, **changes}.items() if value != "-"}


def test_a_signed_event_says_what_happened_to_whom() -> None:
    event = read_event(BODY.encode(), headers())
    assert (event.id, event.kind, event.subject_id, event.session_id) == ("msg_1", "user.created", "user_1", "")
    assert event.at == datetime.fromtimestamp(1_654_012_591.835, UTC)
    assert event.data == {"id": "user_1"}


@pytest.mark.parametrize("kind", ["ended", "removed", "revoked"])
def test_an_event_of_a_session_names_both(kind: str) -> None:
    body = json.dumps({"type": f"session.{kind}", "data": {"id": "sess_1", "user_id": "user_1"}})
    event = read_event(body.encode(), {name.title(): value for name, value in headers(body).items()})
    assert (event.subject_id, event.session_id) == ("user_1", "sess_1")
    assert abs(event.at - datetime.now(UTC)) < timedelta(seconds=5)


def test_either_of_two_secrets_in_rotation_is_enough() -> None:
    told = headers()
    wrong = headers(secret=OTHER)["svix-signature"]
    assert read_event(BODY.encode(), told | {"svix-signature": f"{wrong} {told['svix-signature']}"})
    assert read_event(BODY.encode(), told | {"svix-signature": f"v1a,abc {told['svix-signature']}"})


def test_the_names_of_the_standard_are_known_but_not_mixed_with_others() -> None:
    told = {name.replace("svix", "webhook"): value for name, value in headers().items()}
    assert read_event(BODY.encode(), told)
    with pytest.raises(BadEvent):
        read_event(BODY.encode(), told | {"svix-id": "msg_1"})


@pytest.mark.parametrize("sign", [1, -1])
def test_five_minutes_are_enough_in_both_directions_and_a_second_more_is_too_much(sign: int) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):
        assert read_event(BODY.encode(), headers(late=sign * 300))
        with pytest.raises(BadEvent):
            read_event(BODY.encode(), headers(late=sign * 301))


FORGERIES: dict[str, Callable[[], tuple[str, dict[str, str]]]] = {
    "no headers": lambda: (BODY, {}),
    "no id": lambda: (BODY, headers(**{"svix-id": "-"})),
    "an empty id": lambda: (BODY, headers(**{"svix-id": ""})),
    "another id": lambda: (BODY, headers(**{"svix-id": "msg_2"})),
    "no time": lambda: (BODY, headers(**{"svix-timestamp": "-"})),
    "another time": lambda: (BODY, headers(**{"svix-timestamp": str(int(datetime.now(UTC).timestamp()) + 9)})),
    "a time that is no number": lambda: (BODY, headers(**{"svix-timestamp": "hello"})),
    "NaN": lambda: (BODY, headers(**{"svix-timestamp": "NaN"})),
    "an endless time": lambda: (BODY, headers(**{"svix-timestamp": "1e20"})),
    "a long time": lambda: (BODY, headers(**{"svix-timestamp": "9" * 400})),
    "a fraction of the time": lambda: (BODY, (told := headers()) | {"svix-timestamp": told["svix-timestamp"] + ".5"}),
    "a time before 1970": lambda: (BODY, headers(**{"svix-timestamp": "-1"})),
    "digits of another script": lambda: (BODY, headers(**{"svix-timestamp": "١٧"})),
    "no signature": lambda: (BODY, headers(**{"svix-signature": "-"})),
    "an empty signature": lambda: (BODY, headers(**{"svix-signature": "v1,"})),
    "another version": lambda: (BODY, headers(**{"svix-signature": "v0," + headers()["svix-signature"][3:]})),
    "no version": lambda: (BODY, headers(**{"svix-signature": headers()["svix-signature"][3:]})),
    "a signature that is no base64": lambda: (BODY, headers(**{"svix-signature": "v1,%%%"})),
    "other letters": lambda: (BODY, headers(**{"svix-signature": "v1,é"})),
    "many signatures": lambda: (BODY, headers(**{"svix-signature": " ".join(["v1,AAAA"] * 1000)})),
    "another secret": lambda: (BODY, headers(secret=OTHER)),
    "too old": lambda: (BODY, headers(late=330)),
    "from the future": lambda: (BODY, headers(late=-330)),
    "another body": lambda: (BODY.replace("user_1", "user_2"), headers()),
    "a space more": lambda: (BODY + " ", headers()),
    "the same body written otherwise": lambda: (json.dumps(json.loads(BODY), indent=1), headers()),
    "a signature of Stripe": lambda: (BODY, {"stripe-signature": "t=1,v1=abc"}),
    "no JSON": lambda: ("{", headers("{")),
    "a list": lambda: ("[]", headers("[]")),
    "no type": lambda: ("{}", headers("{}")),
    "a type that is none": lambda: ('{"type": 7}', headers('{"type": 7}')),
    "a deep body": lambda: ("[" * 100_000, headers("[" * 100_000)),
    "nobody": lambda: (body := '{"type": "user.updated", "data": {}}', headers(body)),
    "a path for a user": lambda: (body := '{"type": "user.updated", "data": {"id": "../x"}}', headers(body)),
    "a session of nobody": lambda: (body := '{"type": "session.ended", "data": {"id": "sess_1"}}', headers(body)),
    "no session": lambda: (body := '{"type": "session.ended", "data": {"user_id": "user_1"}}', headers(body)),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_no_forgery_is_believed(forge: Callable[[], tuple[str, dict[str, str]]]) -> None:
    body, told = forge()
    with pytest.raises(BadEvent):
        read_event(body.encode(), told)


def test_bytes_that_are_no_text_are_not_believed() -> None:
    with pytest.raises(BadEvent):
        read_event(b"\xff\xfe", headers())


def test_without_a_secret_nothing_is_believed_not_even_what_an_empty_one_signed(settings: Settings) -> None:
    settings.CLERK_WEBHOOK_SECRET = ""
    with pytest.raises(Unavailable, match="CLERK_WEBHOOK_SECRET"):
        read_event(BODY.encode(), headers())


def vectors(recorded: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((recorded / "webhooks" / "svix_vectors.json").read_text())["vectors"]
    return found


def test_published_vectors_are_judged_as_published(recorded: Path, settings: Settings) -> None:
    judged = {}
    for vector in vectors(recorded):
        repeated = vector.get("body_repeat", {"text": "", "times": 0})
        body = vector.get("body") or repeated["text"] * repeated["times"]
        settings.CLERK_WEBHOOK_SECRET = vector["secret"]
        with time_machine.travel(vector["now"], tick=False):
            judged[vector["name"]] = judgement(body.encode(), vector["headers"])
    wanted = {vector["name"]: vector["expect"] for vector in vectors(recorded) if not vector.get("optional")}
    assert len(wanted) >= 12
    assert {name: judged[name] for name in wanted} == wanted


def judgement(body: bytes, told: dict[str, str]) -> str:
    """The vectors' word for what became of a body; one that is signed and yet no event was believed as well."""
    try:
        read_event(body, told)
    except Unavailable:
        return "config-error"
    except BadEvent as error:
        return "valid" if "type" in str(error) or "JSON" in str(error) else "invalid"
    return "valid"


def test_a_real_event_is_read(recorded: Path, settings: Settings) -> None:
    (real,) = (vector for vector in vectors(recorded) if vector["name"] == "clerk-session-created")
    settings.CLERK_WEBHOOK_SECRET = real["secret"]
    with time_machine.travel(real["now"], tick=False):
        event = read_event(real["body"].encode(), real["headers"])
    assert (event.kind, event.subject_id) == ("session.created", "user_25h1zRMh7owJp6us0Sqs3UXwW0y")


@pytest.mark.parametrize("name", ["user.created", "user.updated", "user.deleted", "session.created"])
def test_recorded_events_are_read(recorded: Path, name: str) -> None:
    body = (recorded / "clerk" / f"{name}.json").read_text()
    event = read_event(body.encode(), headers(body))
    data = json.loads(body)["data"]
    assert event.kind == name
    assert event.subject_id == (data["id"] if name.startswith("user.") else data["user_id"])
