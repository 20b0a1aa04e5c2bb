"""Keys act for their owner within their scope, for as long as they live, and are nowhere kept in clear."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ApiKey, User
from accounts.services import MOST_A_DAY, MOST_KEYS, change_key, digest, issue_key, revoke_key
from billing.models import KeyDay, Plan, Reservation
from kapture.audit.models import AuditEvent
from kapture.core.context import acting_key
from kapture.core.dryrun import dry_run
from kapture.jobs.models import Job
from kapture.jobs.services import cancel
from tests.api.answers import accepted, refused

pytestmark = pytest.mark.django_db
ME = "/api/auth/user"
KEYS = "/api/auth/keys"


def with_bearer(secret: str, **options: object) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"}, **options)


def test_a_key_acts_for_its_owner(api: Client, alice: User) -> None:
    assert accepted(api.get(ME))["email"] == alice.email


def test_no_credentials_are_401_with_a_challenge(client: Client, db: None) -> None:
    response = client.get(ME)
    refused(response, 401, "UNAUTHORIZED")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer kap_unknown",
        "Bearer kap_",
        "Bearer",
        "Bearer a b",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Basic YTpi",
        "kap_x",
        "Bearer kap_é",
        "Bearer kap_" + "a" * 5000,
    ],
)
def test_unknown_and_malformed_credentials_are_401_alike(client: Client, header: str) -> None:
    response = client.get(ME, headers={"Authorization": header})
    assert refused(response, 401, "UNAUTHORIZED")["message"] == "The credentials are not valid."


def test_a_wrong_key_beats_a_right_session(browser: Client) -> None:
    refused(browser.get(ME, headers={"Authorization": "Bearer kap_wrong"}), 401, "UNAUTHORIZED")


def test_a_revoked_key_is_401_at_once(alice: User) -> None:
    issued = issue_key(alice, "x")
    program = with_bearer(issued.secret)
    accepted(program.get(ME))
    revoke_key(alice, issued.key)
    refused(program.get(ME), 401, "UNAUTHORIZED")


def test_an_expired_key_is_401(alice: User) -> None:
    issued = issue_key(alice, "x", expires_at=timezone.now() + timedelta(hours=1))
    program = with_bearer(issued.secret)
    accepted(program.get(ME))
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(program.get(ME), 401, "UNAUTHORIZED")


def test_the_key_of_a_suspended_person_is_401(api: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    refused(api.get(ME), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_read_only_key_may_change_nothing(alice: User, method: str) -> None:
    program = with_bearer(issue_key(alice, "x", scope=ApiKey.Scope.READ).secret)
    accepted(program.get(ME))
    refused(getattr(program, method)(ME, {}, "application/json"), 403, "FORBIDDEN")
    refused(program.post("/api/jobs/cancel", {}, "application/json"), 403, "FORBIDDEN")


def test_a_key_cannot_make_another(api: Client, alice: User) -> None:
    refused(api.post(KEYS, {"name": "child"}, "application/json"), 403, "FORBIDDEN")
    assert ApiKey.objects.filter(owner=alice).count() == 1


def test_a_key_can_be_revoked_by_itself(api: Client) -> None:
    pk = accepted(api.get(KEYS))[0]["id"]
    assert api.delete(f"{KEYS}/{pk}").status_code == 204
    refused(api.get(KEYS), 401, "UNAUTHORIZED")


def test_the_cookie_alone_changes_nothing_without_its_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    accepted(client.get(ME))
    refused(client.patch(ME, {"name": "Mallory"}, "application/json"), 403, "FORBIDDEN")
    refused(client.post(KEYS, {"name": "k"}, "application/json"), 403, "FORBIDDEN")
    alice.refresh_from_db()
    assert alice.name == "Alice"


def test_a_key_needs_no_token(alice: User) -> None:
    program = with_bearer(issue_key(alice, "x").secret, enforce_csrf_checks=True)
    assert accepted(program.patch(ME, {"name": "Alicia"}, "application/json"))["name"] == "Alicia"


def test_the_secret_is_shown_once_and_kept_as_a_hash(browser: Client, alice: User) -> None:
    made = accepted(browser.post(KEYS, {"name": "upload", "scope": "read"}, "application/json"), 201)
    secret = made["secret"]
    assert secret.startswith("kap_")
    assert len(secret) >= 47
    key = ApiKey.objects.get(owner=alice)
    assert (key.digest, key.prefix, key.scope) == (digest(secret), secret[4:12], "read")
    assert secret not in browser.get(KEYS).content.decode()
    assert "secret" not in accepted(browser.get(f"{KEYS}/{key.pk}"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(k)::text FROM accounts_apikey k"
            " UNION SELECT row_to_json(e)::text FROM audit_auditevent e"
        )
        assert secret[12:] not in str(cursor.fetchall())


def test_wishes_are_checked(browser: Client, alice: User) -> None:
    past = (timezone.now() - timedelta(seconds=5)).isoformat()
    for body, field in [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a" * 81}, "name"),
        ({"name": "a", "scope": "admin"}, "scope"),
        ({"name": "a", "expiresAt": past}, "expiresAt"),
        ({"name": "a", "expiresAt": "tomorrow"}, "expiresAt"),
        ({"name": "a", "ownerId": "1"}, "ownerId"),
    ]:
        error = refused(browser.post(KEYS, body, "application/json"), 400, "VALIDATION_ERROR")
        assert list(error["details"]) == [field]
    assert not ApiKey.objects.filter(owner=alice).exists()


def test_a_key_is_made_with_its_bounds_and_they_are_shown(browser: Client, alice: User) -> None:
    wanted = {"name": "batch", "dailyCap": 5, "isDryRun": True}
    made = accepted(browser.post(KEYS, wanted, "application/json"), 201)["key"]
    assert (made["dailyCap"], made["isDryRun"]) == (5, True)
    assert accepted(browser.get(f"{KEYS}/{made['id']}")) == made
    plain = accepted(browser.post(KEYS, {"name": "plain"}, "application/json"), 201)["key"]
    assert (plain["dailyCap"], plain["isDryRun"]) == (None, False)
    assert AuditEvent.objects.earliest("created_at").data == {"scope": "write", "daily_cap": 5, "is_dry_run": True}


def test_name_and_cap_are_changed_by_the_person_alone(browser: Client, api: Client, alice: User) -> None:
    key = ApiKey.objects.get(owner=alice)
    path = f"{KEYS}/{key.pk}"
    changed = accepted(browser.patch(path, {"name": " nightly ", "dailyCap": 3}, "application/json"))
    assert (changed["name"], changed["dailyCap"]) == ("nightly", 3)
    assert accepted(browser.patch(path, {"dailyCap": None}, "application/json"))["dailyCap"] is None
    assert accepted(browser.patch(path, {}, "application/json"))["name"] == "nightly"
    refused(api.patch(path, {"dailyCap": 1000}, "application/json"), 403, "FORBIDDEN")
    for wrong in (
        {"dailyCap": -1},
        {"dailyCap": MOST_A_DAY + 1},
        {"dailyCap": "many"},
        {"scope": "read"},
        {"name": ""},
    ):
        error = refused(browser.patch(path, wrong, "application/json"), 400, "VALIDATION_ERROR")
        assert list(error["details"]) == list(wrong)
    assert AuditEvent.objects.filter(action="accounts.key_changed").count() == 2
    revoke_key(alice, key)
    refused(browser.patch(path, {"name": "late"}, "application/json"), 404, "NOT_FOUND")


def scrape(client: Client, platforms: int = 1) -> Any:
    wanted = {"platforms": ["youtube", "reddit", "tiktok"][:platforms], "keywords": ["kites"]}
    return client.post("/api/trends/bulk-scrape", wanted, "application/json")


def test_a_key_spends_its_cap_a_day_and_gets_back_what_was_not_charged(alice: User, settings: Settings) -> None:
    settings.APIFY_API_TOKEN = "set"
    issued = issue_key(alice, "capped", daily_cap=2)
    program = with_bearer(issued.secret)
    first = accepted(scrape(program), 202)
    error = refused(scrape(program, 2), 403, "USAGE_EXCEEDED")
    assert (error["details"]["limit"], error["details"]["current"], error["details"]["requested"]) == (2, 1, 2)
    assert "Ask for 1 or fewer now." in error["details"]["alternatives"]
    cancel(Job.objects.get(pk=first[0]["id"]), alice)
    accepted(scrape(program, 2), 202)
    KeyDay.objects.update(day=F("day") - timedelta(days=1))
    accepted(scrape(program, 2), 202)
    change_key(alice, issued.key, daily_cap=0)
    refused(scrape(program), 403, "USAGE_EXCEEDED")
    accepted(program.get(ME))


def test_a_cap_never_bounds_the_next_request_on_the_same_thread(
    browser: Client, api: Client, alice: User, settings: Settings
) -> None:
    settings.APIFY_API_TOKEN = "set"
    capped = with_bearer(issue_key(alice, "capped", daily_cap=1).secret)
    dry = with_bearer(issue_key(alice, "dry", is_dry_run=True).secret)
    accepted(scrape(capped), 202)
    for before in (capped, dry):
        # After an answer, a refusal, an unknown address, a page and a request that is none of ours.
        for path in (ME, f"{KEYS}/{alice.pk}", "/api/nothing", "/settings/", "/api/auth/keys/odd"):
            before.get(path)
            assert acting_key.get() is None
            assert dry_run.get() is None
        refused(scrape(capped), 403, "USAGE_EXCEEDED")
        scrape(before, 3)
        accepted(scrape(browser), 202)
        accepted(scrape(api), 202)
    assert Reservation.objects.filter(key_day=None).count() == 4


@pytest.mark.django_db(transaction=True)
def test_threads_that_serve_many_mix_no_keys(alice: User, settings: Settings) -> None:
    settings.APIFY_API_TOKEN = "set"
    Plan.objects.update(scrapes=1_000)
    secrets = [issue_key(alice, f"cap {cap}", daily_cap=cap).secret for cap in (0, 1, 2)]
    free, dry = issue_key(alice, "free").secret, issue_key(alice, "dry", is_dry_run=True).secret

    def call(secret: str) -> tuple[str, int]:
        try:
            return secret, scrape(with_bearer(secret)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(call, [*secrets, free, dry] * 6))

    def taken(secret: str) -> int:
        return answers.count((secret, 202))

    assert [taken(secret) for secret in secrets] == [0, 1, 2]
    assert taken(free) == 6
    assert answers.count((dry, 200)) == 6
    assert Job.objects.count() == 9


def test_there_is_a_most_of_keys(browser: Client, alice: User) -> None:
    for index in range(MOST_KEYS):
        issue_key(alice, f"key {index}")
    error = refused(browser.post(KEYS, {"name": "one more"}, "application/json"), 400, "VALIDATION_ERROR")
    assert list(error["details"]) == ["name"]


def test_the_keys_of_others_look_like_missing_ones(browser: Client, bob: User) -> None:
    foreign = issue_key(bob, "his").key.pk
    missing = "01a1fbc3-755a-76ec-88e1-bdacc3167605"
    for method in ("get", "delete"):
        answers = [
            getattr(browser, method)(f"{KEYS}/{pk}", headers={"X-Request-Id": "same-request"})
            for pk in (foreign, missing)
        ]
        refused(answers[0], 404, "NOT_FOUND")
        assert answers[0].content == answers[1].content
        assert dict(answers[0].items()) == dict(answers[1].items())
    assert ApiKey.objects.filter(owner=bob, revoked_at=None).exists()
    assert accepted(browser.get(KEYS)) == []


def test_the_last_use_is_noted_once_a_minute(alice: User) -> None:
    issued = issue_key(alice, "x")
    program = with_bearer(issued.secret)
    program.get(ME)
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    program.get(ME)
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    program.get(ME)
    assert ApiKey.objects.get().last_used_at >= first


def test_making_and_revoking_are_on_record(browser: Client, alice: User) -> None:
    made = accepted(browser.post(KEYS, {"name": "x"}, "application/json"), 201)
    browser.delete(f"{KEYS}/{made['key']['id']}")
    browser.delete(f"{KEYS}/{made['key']['id']}")
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
        "accounts.key_issued",
        "accounts.key_revoked",
    ]


def test_the_command_prints_a_working_key_once(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("issue_api_key", "Alice@Example.com", "--name", "script")
    secret = capsys.readouterr().out.strip()
    assert accepted(with_bearer(secret).get(ME))["email"] == alice.email
    with pytest.raises(CommandError, match="There is no user"):
        call_command("issue_api_key", "nobody@example.com")


def test_a_session_that_ended_is_401(browser: Client) -> None:
    accepted(browser.get(ME))
    browser.logout()
    refused(browser.get(ME), 401, "UNAUTHORIZED")


def test_the_maker_of_clients_makes_working_ones(api_for: Callable[[User], Client], bob: User) -> None:
    assert accepted(api_for(bob).get(ME))["email"] == bob.email
