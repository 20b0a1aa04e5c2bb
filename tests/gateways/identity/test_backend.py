"""Users are read whatever is missing from them, calls end in time, and what went wrong has a name."""

import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways.breaker import FAILURES
from kapture.gateways.identity import delete_user, reading, revoke_session, transport, user
from tests.gateways.identity.instance import Clerk

USERS = "/v1/users/*"


def mira(clerk: Clerk) -> str:
    return str(clerk.people()[0]["id"])


def test_a_user_is_read_as_they_are_now(clerk: Clerk) -> None:
    made = clerk.user("Ana@Example.com", "Ana", "Reyes")
    found = user(made["id"])
    assert found is not None
    assert (found.id, found.email, found.email_verified) == (made["id"], "ana@example.com", True)
    assert (found.name, found.image_url) == ("Ana Reyes", "")
    assert found.updated_at == made["updated_at"]
    assert clerk.requests(USERS)[-1]["headers"]["authorization"] == "Bearer sk_test_known"
    clerk.change(made["id"], first_name="Anna", image_url="https://img.clerk.com/ana")
    changed = user(made["id"])
    assert changed is not None
    assert (changed.name, changed.image_url) == ("Anna Reyes", "https://img.clerk.com/ana")
    assert changed.updated_at > found.updated_at


def test_somebody_who_is_not_there_is_none_and_gone_twice_is_gone(clerk: Clerk) -> None:
    assert user("user_nobody") is None
    someone = mira(clerk)
    delete_user(someone)
    delete_user(someone)
    assert user(someone) is None


def test_a_session_is_ended_once(clerk: Clerk) -> None:
    session = clerk.mint()["session"]["id"]
    revoke_session(session)
    revoke_session(session)
    revoke_session("sess_unknown")
    (found,) = clerk.get("/_sandbox/people")["sessions"]
    assert found["status"] == "revoked"


@pytest.mark.parametrize("name", ["", "../sessions/sess_1", "user_1?x=1", "user 1", "user_1\n", "é", "a" * 256])
def test_what_is_no_id_is_not_asked_for(clerk: Clerk, name: str) -> None:
    assert user(name) is None
    delete_user(name)
    revoke_session(name)
    assert clerk.requests("/v1/*") == []


@pytest.mark.parametrize(
    ("fault", "reason", "retryable", "asked"),
    [
        ({"mode": "status", "status": 500}, "vendor_down", True, 3),
        ({"mode": "status", "status": 503}, "vendor_down", True, 3),
        ({"mode": "status", "status": 429, "retry_after": 30}, "rate_limited", True, 1),
        ({"mode": "status", "status": 401}, "auth", False, 1),
        ({"mode": "status", "status": 403}, "auth", False, 1),
        ({"mode": "status", "status": 422}, "bad_request", False, 1),
        ({"mode": "drop"}, "unreachable", True, 3),
        ({"mode": "cut"}, "unreachable", True, 3),
        ({"mode": "html"}, "bad_output", True, 3),
        ({"mode": "empty"}, "bad_output", True, 3),
        ({"mode": "truncate"}, "bad_output", True, 3),
        ({"mode": "schema"}, "bad_output", True, 1),
        ({"mode": "huge", "size": 4 << 20}, "bad_output", True, 3),
        ({"mode": "body", "body": []}, "bad_output", True, 3),
        ({"mode": "body", "body": {"id": "user_other"}}, "bad_output", True, 1),
        ({"mode": "body", "body": "[" * 100_000}, "bad_output", True, 3),
        ({"mode": "body", "status": 302, "body": {"id": "user_other"}}, "bad_output", True, 3),
    ],
    ids=str,
)
def test_what_goes_wrong_has_a_name(
    clerk: Clerk, fault: dict[str, Any], reason: str, retryable: bool, asked: int
) -> None:
    someone = mira(clerk)
    clerk.fault(route=USERS, times=100, **fault)
    with pytest.raises(VendorFailed) as caught:
        user(someone)
    assert (caught.value.service, caught.value.reason, caught.value.retryable) == ("clerk", reason, retryable)
    assert len(clerk.requests(USERS)) == asked
    assert "sk_test" not in str(caught.value)


def test_one_bad_answer_is_repeated(clerk: Clerk) -> None:
    someone = mira(clerk)
    clerk.fault("status", USERS, status=502, times=2)
    assert user(someone) is not None
    clerk.fault("status", USERS, status=429, retry_after=1)
    began = time.monotonic()
    assert user(someone) is not None
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("mode", ["drip", "hang"])
def test_a_server_that_drips_or_never_answers_is_left(clerk: Clerk, mode: str) -> None:
    address = f"{clerk.url}/v1/users/{mira(clerk)}"
    clerk.fault(mode, USERS, seconds=20, bps=20, times=3)
    began = time.monotonic()
    with pytest.raises(VendorFailed, match="reached"):
        transport.ask("GET", address, secret="sk_test_known", read_seconds=0.2)
    assert time.monotonic() - began < 5


def test_nobody_listens(settings: Settings, clerk: Clerk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.CLERK_API_URL = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(VendorFailed, match="reached"):
            user("user_1")


def test_after_some_failures_it_rests(clerk: Clerk) -> None:
    clerk.fault("status", USERS, status=429, retry_after=30, times=100)
    for _ in range(FAILURES):
        with pytest.raises(VendorFailed):
            user("user_1")
    with pytest.raises(Unavailable):
        user("user_1")
    assert len(clerk.requests(USERS)) == FAILURES


def test_switched_off_it_says_what_to_set(settings: Settings) -> None:
    settings.CLERK_SECRET_KEY = ""
    with pytest.raises(Unavailable, match="CLERK_SECRET_KEY"):
        user("user_1")


def test_a_password_file_of_the_machine_plays_no_part(
    clerk: Clerk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(file))
    assert user(mira(clerk)) is not None


def test_several_threads_may_ask_at_once(clerk: Clerk) -> None:
    someone, found = mira(clerk), []
    threads = [threading.Thread(target=lambda: found.append(user(someone))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize("name", ["user.created", "user.updated"])
def test_recorded_users_are_read(recorded: Path, name: str) -> None:
    data = json.loads((recorded / "clerk" / f"{name}.json").read_text())["data"]
    found = reading.user(data)
    assert found.id == data["id"]
    assert (found.email, found.email_verified) == ("example@example.org", True)
    assert found.name.split()[0] == "Example"
    assert (found.image_url, found.updated_at) == (data["image_url"], data["updated_at"])


def test_nothing_in_a_user_but_their_id_is_needed(recorded: Path) -> None:
    data = json.loads((recorded / "clerk" / "user.created.json").read_text())["data"]
    odd: tuple[Any, ...] = (None, "", 0, -1, 1e300, True, [], {}, [None], [[]], ["x"], {"x": 1}, "a\x00b", "x" * 9000)
    for key in data:
        for value in odd:
            changed = {**data, key: value}
            if key == "id":
                continue
            found = reading.user(changed)
            assert found.id == data["id"]
            assert "\x00" not in found.name
            assert len(found.name) <= 150
            assert len(found.image_url) <= 600
        found = reading.user({name: value for name, value in data.items() if name != key} | {"id": data["id"]})
        assert found.id == data["id"]
    for value in odd[:-1]:
        with pytest.raises(reading.UnreadableError):
            reading.user({**data, "id": value} if value != "x" else {})


def address(email: str, status: str = "verified", ident: str = "idn_1") -> dict[str, Any]:
    return {"id": ident, "email_address": email, "verification": {"status": status}}


@pytest.mark.parametrize(
    ("entries", "primary", "email", "verified"),
    [
        ([address("a@b.io"), address("c@d.io", ident="idn_2")], "idn_2", "c@d.io", True),
        ([address("a@b.io", "unverified"), address("c@d.io", ident="idn_2")], None, "c@d.io", True),
        ([address("a@b.io", "unverified")], "idn_9", "a@b.io", False),
        ([{"id": "idn_1", "email_address": "a@b.io", "verification": None}], "idn_1", "a@b.io", False),
        ([address("no address"), address("A@B.IO", ident="idn_2")], "idn_1", "a@b.io", True),
        ([address("a" * 250 + "@b.io")], "idn_1", "", False),
        ([], None, "", False),
        ("a@b.io", None, "", False),
    ],
)
def test_the_address_is_the_primary_one(entries: Any, primary: Any, email: str, verified: bool) -> None:
    found = reading.user({"id": "user_1", "email_addresses": entries, "primary_email_address_id": primary})
    assert (found.email, found.email_verified) == (email, verified)
