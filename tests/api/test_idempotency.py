"""`Idempotency-Key`: the same request twice, or twenty times at once, has one effect and one answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, User
from kapture.api.models import Replay
from kapture.api.tasks import forget_replays
from kapture.schedule import BEAT
from tests.api.answers import accepted, refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.api.kit")]
BOTH = pytest.mark.parametrize("url", ["/api/kit/make", "/api/kit/make-outside"])


def make(client: Client, url: str, key: str | None = "one", **body: object) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    try:
        return client.post(url, {"name": "made", **body}, "application/json", headers=headers)
    finally:
        connection.close()


def made(owner: User) -> int:
    return ApiKey.objects.filter(owner=owner, name="made").count()


@BOTH
def test_a_repeated_request_gets_the_first_answer_and_has_no_effect(browser: Client, alice: User, url: str) -> None:
    first, second = make(browser, url), make(browser, url)
    assert accepted(first, 201) == accepted(second, 201)
    assert first.json()["meta"] == second.json()["meta"] == {"usage": {"type": "scrape", "remaining": 7}}
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert made(alice) == 1


@BOTH
def test_without_a_key_each_request_counts(browser: Client, alice: User, url: str) -> None:
    make(browser, url, None)
    make(browser, url, None)
    assert made(alice) == 2
    assert not Replay.objects.exists()


@BOTH
def test_the_key_with_another_body_is_a_conflict(browser: Client, alice: User, url: str) -> None:
    make(browser, url)
    refused(make(browser, url, wait=0.01), 409, "CONFLICT")
    assert made(alice) == 1


def test_the_key_on_another_path_is_a_conflict(browser: Client, alice: User) -> None:
    make(browser, "/api/kit/make")
    refused(make(browser, "/api/kit/make-outside"), 409, "CONFLICT")
    assert made(alice) == 1


def test_the_order_of_fields_does_not_make_another_body(browser: Client, alice: User) -> None:
    for body in (b'{"name": "made", "wait": 0}', b'{"wait":0,"name":"made"}'):
        sent = browser.generic("POST", "/api/kit/make", body, "application/json", headers={"Idempotency-Key": "order"})
        accepted(sent, 201)
    assert made(alice) == 1


@BOTH
def test_a_refusal_is_not_kept(browser: Client, alice: User, url: str) -> None:
    refused(make(browser, url, fail=True), 409, "CONFLICT")
    refused(make(browser, url, fail=True), 409, "CONFLICT")
    assert not Replay.objects.exists()
    accepted(make(browser, url), 201)


def test_a_refused_request_leaves_no_effect(browser: Client, alice: User) -> None:
    make(browser, "/api/kit/make", fail=True)
    assert made(alice) == 0


@BOTH
def test_twenty_at_once_have_one_effect(alice: User, url: str) -> None:
    clients = [Client() for _ in range(20)]
    for client in clients:
        client.force_login(alice)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda client: make(client, url, wait=0.3), clients))
    assert made(alice) == 1
    granted = [answer.json()["data"] for answer in answers if answer.status_code == 201]
    assert granted
    assert all(data == granted[0] for data in granted)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sum("Idempotent-Replayed" not in answer for answer in answers if answer.status_code == 201) == 1


def test_a_wait_longer_than_the_lock_allows_is_a_conflict(alice: User) -> None:
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(alice)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda client: make(client, "/api/kit/make", wait=3), clients))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert made(alice) == 1


@BOTH
def test_keys_of_two_people_are_two_keys(browser: Client, stranger: Client, alice: User, bob: User, url: str) -> None:
    first, second = accepted(make(browser, url), 201), accepted(make(stranger, url), 201)
    assert first["id"] != second["id"]
    assert (made(alice), made(bob)) == (1, 1)


@BOTH
@pytest.mark.parametrize("key", ["", "a" * 256, "ключ", "a\tb", "a\x7f", "\x80"])
def test_an_odd_key_is_refused(browser: Client, alice: User, url: str, key: str) -> None:
    error = refused(make(browser, url, key), 400, "VALIDATION_ERROR")
    assert list(error["details"]) == ["Idempotency-Key"]
    assert made(alice) == 0


@pytest.mark.parametrize("key", ["a", "a" * 255, "5f3a-{weird} 'key'; --"])
def test_every_other_key_works(browser: Client, alice: User, key: str) -> None:
    for _ in range(2):
        accepted(make(browser, "/api/kit/make", key), 201)
    assert made(alice) == 1


@BOTH
def test_a_key_is_free_again_after_a_day(browser: Client, alice: User, url: str) -> None:
    make(browser, url)
    Replay.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    accepted(make(browser, url), 201)
    assert made(alice) == 2


def test_answers_are_forgotten_after_a_day(browser: Client, alice: User) -> None:
    make(browser, "/api/kit/make", "old")
    Replay.objects.update(created_at=timezone.now() - timedelta(hours=25))
    make(browser, "/api/kit/make", "young")
    assert BEAT["forget old answers"]["task"] == forget_replays.name
    forget_replays()
    assert list(Replay.objects.values_list("key", flat=True)) == ["young"]


def test_the_secret_of_a_new_key_is_not_kept_for_a_replay(browser: Client, alice: User) -> None:
    headers = {"Idempotency-Key": "secret"}
    first = accepted(browser.post("/api/auth/keys", {"name": "a"}, "application/json", headers=headers), 201)
    again = accepted(browser.post("/api/auth/keys", {"name": "a"}, "application/json", headers=headers), 201)
    assert first["secret"].startswith("kap_")
    assert again == {"key": first["key"], "secret": None}
    assert first["secret"] not in str(Replay.objects.values_list())
    assert ApiKey.objects.filter(owner=alice).count() == 1
