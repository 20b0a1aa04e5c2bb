"""A token of Clerk lets a program in as one person, who is made when first seen and never taken for another."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.clerk.people import bury
from accounts.models import User
from accounts.services import issue_key
from kapture.audit.models import AuditEvent
from kapture.gateways.identity.tokens import keys_at
from tests.accounts.clerk_events import bearer
from tests.gateways.identity.instance import Clerk
from tests.gateways.identity.test_tokens import ATTACKS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plans")]
ME = "/api/auth/user"


def asked(clerk: Clerk) -> int:
    return len(clerk.requests("GET /v1/users/*"))


def test_the_first_token_makes_the_person_and_the_next_finds_them(clerk: Clerk) -> None:
    ana = clerk.user("Ana@Example.com", "Ana", "Reyes")
    ana = clerk.change(ana["id"], image_url="https://img.clerk.com/ana")
    for _ in range(3):
        told = bearer(clerk.token(ana["id"])).get(ME).json()["data"]
        assert (told["email"], told["name"]) == ("ana@example.com", "Ana Reyes")
    user = User.objects.get()
    assert (user.clerk_id, user.clerk_updated_ms) == (ana["id"], ana["updated_at"])
    assert user.avatar_url == "https://img.clerk.com/ana"
    assert not user.has_usable_password()
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == ("ana@example.com", True, True)
    assert AuditEvent.objects.get(action="accounts.signed_up").data == {"via": "clerk"}
    assert asked(clerk) == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_first_requests_at_once_make_one_person(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com", "Ana")
    token = clerk.token(ana["id"])

    def ask(_: int) -> tuple[int, str]:
        try:
            answer = bearer(token).get(ME)
            return answer.status_code, answer.json()["data"]["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(ask, range(20)))
    assert answers == {(200, str(User.objects.get().pk))}
    assert AuditEvent.objects.filter(action="accounts.signed_up").count() == 1


def test_no_forged_token_is_let_in_or_leaves_a_trace(clerk: Clerk) -> None:
    for name, attack in ATTACKS.items():
        token = attack(clerk)
        if token == "" or not token.isascii() or "\n" in token:
            continue
        answer = bearer(token).get(ME)
        assert answer.status_code == 401, name
        assert answer.json()["error"]["code"] == "UNAUTHORIZED", name
        assert answer["WWW-Authenticate"] == "Bearer", name
    assert not User.objects.exists()
    assert asked(clerk) == 0


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Basic YTpi", "Bearer é"])
def test_what_is_no_bearer_is_refused_whatever_the_session(clerk: Clerk, browser: Client, header: str) -> None:
    assert browser.get(ME, headers={"Authorization": header.encode().decode("latin-1")}).status_code == 401


def test_an_address_that_is_taken_is_not_taken_over(clerk: Clerk, alice: User) -> None:
    twin = clerk.user("alice@example.com", "Not Alice")
    answer = bearer(clerk.token(twin["id"])).get(ME)
    assert answer.status_code == 409
    assert "alice@example.com" in answer.json()["error"]["message"]
    alice.refresh_from_db()
    assert (User.objects.count(), alice.clerk_id, alice.name) == (1, None, "Alice")


def test_nobody_is_found_by_their_address(clerk: Clerk) -> None:
    first, second = clerk.user("ana@example.com"), clerk.user("ben@example.com")
    bearer(clerk.token(first["id"])).get(ME)
    clerk.change(first["id"], email_addresses=[])
    clerk.change(second["id"], email_addresses=first["email_addresses"], primary_email_address_id=None)
    assert bearer(clerk.token(second["id"])).get(ME).status_code == 409
    assert User.objects.get().clerk_id == first["id"]


def test_somebody_without_an_address_is_told_to_add_one(clerk: Clerk) -> None:
    nameless = clerk.user("")
    answer = bearer(clerk.token(nameless["id"])).get(ME)
    assert answer.status_code == 409
    assert "Add one" in answer.json()["error"]["message"]
    assert not User.objects.exists()


def test_an_address_that_clerk_has_not_confirmed_does_not_count_as_confirmed(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com")
    entry = {**ana["email_addresses"][0], "verification": {"status": "unverified"}}
    clerk.change(ana["id"], email_addresses=[entry])
    assert bearer(clerk.token(ana["id"])).get(ME).status_code == 200
    assert not EmailAddress.objects.get().verified


def test_a_closed_account_stays_closed(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com")
    bury(ana["id"])
    answer = bearer(clerk.token(ana["id"])).get(ME)
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "This account was closed.")
    assert not User.objects.exists()
    assert asked(clerk) == 0


def test_a_token_of_somebody_clerk_has_deleted_makes_nobody(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com")
    token = clerk.token(ana["id"])
    clerk.delete(ana["id"])
    assert bearer(token).get(ME).status_code == 401
    assert not User.objects.exists()


def test_a_suspended_person_stays_outside(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com")
    program = bearer(clerk.token(ana["id"]))
    assert program.get(ME).status_code == 200
    User.objects.update(is_active=False)
    assert program.get(ME).status_code == 401


def test_while_clerk_is_away_nobody_new_comes_in_and_nobody_is_called_a_forger(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com")
    clerk.fault("status", "/v1/users/*", status=503, times=100)
    answer = bearer(clerk.token(ana["id"])).get(ME)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "EXTERNAL_SERVICE_ERROR")
    assert not User.objects.exists()
    clerk.clear_faults()
    clerk.fault("status", "/.well-known/jwks.json", status=503, times=100)
    keys_at.cache_clear()
    answer = bearer(clerk.token(ana["id"])).get(ME)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert int(answer["Retry-After"]) > 0


def test_keys_work_beside_tokens(clerk: Clerk, alice: User) -> None:
    secret = issue_key(alice, "test").secret
    assert bearer(secret).get(ME).json()["data"]["email"] == alice.email
    assert bearer(secret[:-1] + "x").get(ME).status_code == 401


def test_while_clerk_is_off_no_token_counts(clerk: Clerk, settings: Settings, browser: Client) -> None:
    token = clerk.token()
    settings.CLERK_SECRET_KEY = ""
    assert bearer(token).get(ME).status_code == 401
    assert browser.get(ME, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert not User.objects.exclude(email="alice@example.com").exists()


def test_sync_brings_news_and_repeats_them_as_often_as_one_likes(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com", "Ana")
    program = bearer(clerk.token(ana["id"]))
    assert program.post("/api/auth/sync").json()["data"]["name"] == "Ana"
    clerk.change(ana["id"], first_name="Anna", last_name="Reyes")
    for _ in range(2):
        answer = program.post("/api/auth/sync")
        assert answer.status_code == 200
        assert answer.json()["data"]["name"] == "Anna Reyes"
    assert AuditEvent.objects.filter(action="accounts.changed_at_clerk").count() == 1
    User.objects.update(name="Mine", clerk_updated_ms=2**53)
    assert program.post("/api/auth/sync").json()["data"]["name"] == "Mine", "older news change nothing"


def test_a_new_address_is_taken_over_unless_it_is_somebody_elses(clerk: Clerk, alice: User) -> None:
    ana = clerk.user("ana@example.com")
    program = bearer(clerk.token(ana["id"]))
    program.get(ME)
    (entry,) = ana["email_addresses"]
    clerk.change(ana["id"], email_addresses=[{**entry, "email_address": "ana@new.example"}])
    assert program.post("/api/auth/sync").json()["data"]["email"] == "ana@new.example"
    user = User.objects.get(clerk_id=ana["id"])
    assert [row.email for row in EmailAddress.objects.filter(user=user)] == ["ana@new.example"]
    clerk.change(ana["id"], first_name="Ana", email_addresses=[{**entry, "email_address": alice.email}])
    told = program.post("/api/auth/sync").json()["data"]
    assert (told["email"], told["name"]) == ("ana@new.example", "Ana")


def test_sync_of_somebody_who_does_not_come_from_clerk_answers_them(clerk: Clerk, api: Client, alice: User) -> None:
    assert api.post("/api/auth/sync").json()["data"]["email"] == alice.email
    assert asked(clerk) == 0
    assert Client().post("/api/auth/sync").status_code == 401


def test_syncing_without_end_is_bounded(clerk: Clerk, api: Client) -> None:
    answers = [api.post("/api/auth/sync").status_code for _ in range(32)]
    assert answers.count(429) >= 1
    assert answers[:29] == [200] * 29
