"""The Clerk stand-in, spoken to as browsers, servers and webhook receivers do."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from standardwebhooks import Webhook

from kapture.sandbox.clerk import ClerkStandIn, publishable_key
from kapture.sandbox.control import Control
from kapture.sandbox.server import Server

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()
SITE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(ClerkStandIn(secret_key="sk_test_1", webhook_secret=SECRET, retry_seconds=0.02)) as server:
        yield server


@pytest.fixture
def clerk(server: Server) -> Control:
    control = Control(server.url)
    control.reset()
    return control


def backend(clerk: Control, method: str, path: str, value: Any = None) -> requests.Response:
    headers = {"Authorization": "Bearer sk_test_1"}
    return requests.request(method, f"{clerk.url}{path}", json=value, headers=headers, timeout=5)


def claims(clerk: Control, token: str) -> dict[str, Any]:
    """The claims of a token, verified with the published keys."""
    key = jwt.PyJWKClient(f"{clerk.url}/.well-known/jwks.json").get_signing_key_from_jwt(token)
    found: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], issuer=clerk.url)
    return found


def sign_up(clerk: Control, browser: requests.Session, email: str, back: str = f"{SITE}/in/") -> requests.Response:
    """The redirect back to the site, not followed."""
    form = {"redirect_url": back, "email_address": email, "first_name": "Ana", "last_name": "Reyes"}
    begun = browser.post(f"{clerk.url}/sign-up", form, allow_redirects=False, timeout=5)
    if begun.status_code != 303:
        return begun
    return browser.get(clerk.url + begun.headers["location"], allow_redirects=False, timeout=5)


def test_signing_up_brings_a_cookie_back_to_the_site(clerk: Control) -> None:
    browser = requests.Session()
    page = browser.get(f"{clerk.url}/sign-up", params={"redirect_url": f"{SITE}/in/?next=/usage/"}, timeout=5)
    assert 'name="email_address"' in page.text
    back = sign_up(clerk, browser, "Ana@Example.com", f"{SITE}/in/?next=/usage/")
    assert back.headers["location"] == f"{SITE}/in/?next=/usage/"
    told = claims(clerk, browser.cookies["__session"])
    assert (told["azp"], told["sts"], told["v"]) == (SITE, "active", 2)
    assert told["exp"] - told["iat"] == 60
    user = backend(clerk, "GET", f"/v1/users/{told['sub']}").json()
    assert (user["first_name"], user["email_addresses"][0]["email_address"]) == ("Ana", "ana@example.com")
    assert backend(clerk, "GET", f"/v1/sessions/{told['sid']}").json()["status"] == "active"


def test_somebody_who_is_signed_in_goes_straight_back_and_somebody_who_left_does_not(clerk: Control) -> None:
    browser = requests.Session()
    sign_up(clerk, browser, "ana@example.com")
    asked = {"redirect_url": f"{SITE}/in/"}
    straight = browser.get(f"{clerk.url}/sign-in", params=asked, allow_redirects=False, timeout=5)
    assert straight.headers["location"].startswith("/v1/client/handshake?")
    out = browser.get(f"{clerk.url}/sign-out", params=asked, allow_redirects=False, timeout=5)
    assert out.headers["location"] == f"{SITE}/in/"
    assert "__session" not in browser.cookies
    page = browser.get(f"{clerk.url}/sign-in", params=asked, timeout=5)
    assert "ana@example.com" in page.text
    assert "mira.okafor@example.com" in page.text


def test_choosing_somebody_signs_in(clerk: Control) -> None:
    browser = requests.Session()
    (mira, *_) = clerk.get("/_sandbox/people")["users"]
    form = {"user_id": mira["id"], "redirect_url": f"{SITE}/in/"}
    browser.post(f"{clerk.url}/sign-in", form, allow_redirects=False, timeout=5)
    answer = browser.get(f"{clerk.url}/v1/client", headers={"Origin": SITE}, timeout=5)
    assert answer.headers["access-control-allow-origin"] == SITE
    assert answer.headers["access-control-allow-credentials"] == "true"
    (session,) = answer.json()["response"]["sessions"]
    assert session["user"]["id"] == mira["id"]
    asked = f"{clerk.url}/v1/client/sessions/{session['id']}/tokens"
    token = browser.post(asked, headers={"Origin": SITE}, timeout=5).json()["jwt"]
    assert claims(clerk, token)["azp"] == SITE
    assert requests.post(asked, timeout=5).status_code == 404


@pytest.mark.parametrize("back", ["https://evil.example/", "javascript:alert(1)", "//evil.example", "ftp://127.0.0.1/"])
def test_nobody_is_led_off_this_machine(clerk: Control, back: str) -> None:
    browser = requests.Session()
    for path in ("sign-in", "sign-up", "sign-out", "v1/client/handshake"):
        answer = browser.get(f"{clerk.url}/{path}", params={"redirect_url": back}, allow_redirects=False, timeout=5)
        assert answer.status_code == 400, path
    assert sign_up(clerk, browser, "ana@example.com", back).status_code == 400


@pytest.mark.parametrize("email", ["", "ana", "mira.okafor@example.com"])
def test_an_address_that_is_none_or_taken_is_refused(clerk: Control, email: str) -> None:
    assert sign_up(clerk, requests.Session(), email).status_code == 422


def test_the_script_and_the_keys_are_served_to_anybody(clerk: Control) -> None:
    address = f"{clerk.url}/npm/@clerk/clerk-js@6/dist/clerk.browser.js"
    answer = requests.get(address, headers={"Origin": SITE}, timeout=5)
    assert answer.headers["access-control-allow-origin"] == SITE
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "window.Clerk" in answer.text
    assert publishable_key(clerk.url).startswith("pk_test_")
    assert requests.get(f"{clerk.url}/v1/jwks", timeout=5).status_code == 401
    known = backend(clerk, "GET", "/v1/jwks").json()
    assert known == requests.get(f"{clerk.url}/.well-known/jwks.json", timeout=5).json()
    assert len(known["keys"]) == 2


def test_the_backend_is_for_whoever_has_the_secret_key(clerk: Control) -> None:
    for headers in ({}, {"Authorization": "Bearer sk_test_2"}):
        answer = requests.get(f"{clerk.url}/v1/users", headers=headers, timeout=5)
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["code"]
    missing = backend(clerk, "GET", "/v1/users/user_nobody")
    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (404, "resource_not_found")


def test_users_are_made_changed_listed_and_deleted(clerk: Control) -> None:
    ana = backend(clerk, "POST", "/v1/users", {"email_address": ["ana@example.com"], "first_name": "Ana"}).json()
    assert backend(clerk, "POST", "/v1/users", {"email_address": ["ana@example.com"]}).status_code == 422
    found = backend(clerk, "GET", "/v1/users?email_address=ana@example.com").json()
    assert [user["id"] for user in found] == [ana["id"]]
    changed = backend(clerk, "PATCH", f"/v1/users/{ana['id']}", {"first_name": "Anna"}).json()
    assert (changed["first_name"], changed["updated_at"] > ana["updated_at"]) == ("Anna", True)
    assert backend(clerk, "PATCH", f"/v1/users/{ana['id']}", {"shoe_size": 38}).status_code == 422
    gone = backend(clerk, "DELETE", f"/v1/users/{ana['id']}").json()
    assert gone == {"id": ana["id"], "object": "user", "deleted": True}
    assert backend(clerk, "DELETE", f"/v1/users/{ana['id']}").status_code == 404
    told = [json.loads(event["body"])["type"] for event in clerk.get("/_sandbox/events")]
    assert told == ["user.created", "user.updated", "user.deleted"]


def test_tokens_of_any_kind_can_be_had(clerk: Control) -> None:
    minted = clerk.post("/_sandbox/tokens", {"user": "mira.okafor@example.com", "azp": SITE})
    assert claims(clerk, minted["token"]) == minted["claims"]
    odd = clerk.post("/_sandbox/tokens", {"claims": {"exp": None, "sub": "user_x"}, "header": {"alg": "none"}})
    assert odd["token"].endswith(".")
    assert jwt.decode(odd["token"], options={"verify_signature": False})["sub"] == "user_x"
    for key in ("foreign", "public"):
        token = clerk.post("/_sandbox/tokens", {"key": key, "header": {"kid": "x"}})["token"]
        assert jwt.get_unverified_header(token)["kid"] == "x"
    for wish in ({"usr": "x"}, {"key": "golden"}, {"user": "nobody@example.com"}):
        assert requests.post(f"{clerk.url}/_sandbox/tokens", json=wish, timeout=5).status_code == 400


def test_after_a_rotation_tokens_of_both_keys_are_good(clerk: Control) -> None:
    before = clerk.post("/_sandbox/tokens", {})["token"]
    clerk.post("/_sandbox/rotate")
    after = clerk.post("/_sandbox/tokens", {})["token"]
    assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]
    assert claims(clerk, before)
    assert claims(clerk, after)


class Receiver(HTTPServer):
    """A site that takes events: remembers each, and answers what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.taken: list[tuple[str, str]] = []
        self.answers: list[int] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def wait_for(self, count: int) -> list[tuple[str, str]]:
        deadline = time.monotonic() + 10
        while len(self.taken) < count:
            assert time.monotonic() < deadline, self.taken
            time.sleep(0.01)
        return self.taken


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        told = {name.lower().replace("svix", "webhook"): value for name, value in self.headers.items()}
        Webhook(SECRET).verify(body, told)
        self.server.taken.append((self.headers["svix-id"], json.loads(body)["type"]))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.shutdown()
    receiver.server_close()


def test_what_happens_is_told_again_until_it_is_taken(clerk: Control, receiver: Receiver) -> None:
    receiver.answers = [500, 302, 200]
    clerk.turn(webhook_url=receiver.url)
    backend(clerk, "POST", "/v1/users", {"email_address": ["ana@example.com"]})
    taken = receiver.wait_for(3)
    assert len(set(taken)) == 1
    assert taken[0][1] == "user.created"


def test_events_can_be_held_back_doubled_and_reordered(clerk: Control, receiver: Receiver) -> None:
    clerk.turn(webhook_url=receiver.url, deliver=False)
    ana = backend(clerk, "POST", "/v1/users", {"email_address": ["ana@example.com"]}).json()
    backend(clerk, "DELETE", f"/v1/users/{ana['id']}")
    ids = [event["id"] for event in clerk.get("/_sandbox/events")]
    assert receiver.taken == []
    results = clerk.post("/_sandbox/deliveries", {"ids": ids[::-1], "copies": 2})
    assert [result["status"] for result in results] == [200] * 4
    assert [kind for _, kind in receiver.taken] == ["user.deleted"] * 2 + ["user.created"] * 2
    clerk.turn(deliver=True, copies=3, delay=0.01, shuffle=True)
    told = clerk.post("/_sandbox/events", {"type": "session.revoked", "data": {"id": "sess_1", "user_id": "user_1"}})
    assert [ident for ident, _ in receiver.wait_for(7)[4:]] == [told["id"]] * 3


def test_the_end_of_a_session_is_told_once(clerk: Control, receiver: Receiver) -> None:
    clerk.turn(webhook_url=receiver.url)
    session = clerk.post("/_sandbox/tokens", {})["session"]["id"]
    for _ in range(2):
        assert backend(clerk, "POST", f"/v1/sessions/{session}/revoke").json()["status"] == "revoked"
    assert [kind for _, kind in receiver.wait_for(1)] == ["session.revoked"]
    assert backend(clerk, "POST", "/v1/sessions/sess_nobody/revoke").status_code == 404


def test_people_and_keys_outlive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "clerk.json"
    with Server(ClerkStandIn(file)) as server:
        clerk = Control(server.url)
        minted = clerk.post("/_sandbox/tokens", {})
        sign_up(clerk, requests.Session(), "ana@example.com")
    assert file.stat().st_mode & 0o077 == 0
    with Server(ClerkStandIn(file)) as server:
        found = Control(server.url).get("/_sandbox/people")
        key = jwt.PyJWKClient(f"{server.url}/.well-known/jwks.json").get_signing_key_from_jwt(minted["token"])
        assert jwt.decode(minted["token"], key, algorithms=["RS256"])["sub"] == minted["session"]["user_id"]
    assert "ana@example.com" in json.dumps(found["users"])
    assert len(found["users"]) == 4


def test_it_misbehaves_when_told(clerk: Control) -> None:
    clerk.fault("status", "/v1/users/*", status=429, retry_after=7)
    answer = backend(clerk, "GET", "/v1/users/user_1")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["errors"][0]["code"] == "too_many_requests"
