"""What Clerk tells late, twice, out of order or forged ends in what is true there; nobody comes back from closing."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.clerk.people import is_closed
from accounts.models import ClosedIdentity, Closing, User
from kapture.inbox.models import WebhookEvent
from kapture.jobs.models import Job
from tests.accounts.clerk_events import ADDRESS, bearer, deliver, event, events, work
from tests.gateways.identity.instance import Clerk
from tests.gateways.identity.test_events import FORGERIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("plans")]


def lived(clerk: Clerk) -> dict[str, Any]:
    """Somebody who was made, changed and deleted at Clerk, of whom we have heard nothing yet."""
    ana = clerk.user("ana@example.com", "Ana")
    clerk.change(ana["id"], first_name="Anna")
    clerk.delete(ana["id"])
    return ana


def test_people_are_made_and_changed_as_clerk_tells(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com", "Ana")
    assert deliver(events(clerk)[0]).json()["data"] == {"isNew": True}
    work()
    assert User.objects.get().name == "Ana"
    clerk.change(ana["id"], first_name="Anna")
    assert deliver(events(clerk)[1]).status_code == 200
    work()
    user = User.objects.get()
    assert (user.name, user.clerk_id) == ("Anna", ana["id"])
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"applied"}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_whatever_the_order_a_deleted_person_is_gone_for_good(clerk: Clerk, order: tuple[int, ...]) -> None:
    ana = lived(clerk)
    told = events(clerk)
    for place in order:
        for _ in range(2):
            assert deliver(told[place]).status_code == 200
        work()
    assert is_closed(ana["id"])
    assert ClosedIdentity.objects.count() == 1
    assert not User.objects.filter(is_active=True).exists()
    assert WebhookEvent.objects.count() == 3
    assert bearer(clerk.token(claims={"sub": ana["id"]})).get("/api/auth/user").status_code == 401


def test_who_is_deleted_at_clerk_is_closed_here_and_late_news_bring_nobody_back(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com", "Ana")
    browser, _ = signed_in(clerk, ana["id"])
    token = clerk.token(ana["id"])
    clerk.change(ana["id"], first_name="Anna")
    clerk.delete(ana["id"])
    created, updated, deleted = events(clerk)
    deliver(deleted)
    work()
    assert browser.get("/settings/").status_code == 302
    assert Closing.objects.get().reason == "clerk"
    gone = User.objects.get()
    assert (gone.is_active, gone.clerk_id, "ana" in gone.email) == (False, None, False)
    for late in (updated, created, deleted, {**updated, "id": "msg_again"}):
        assert deliver(late).status_code == 200
        work()
    assert bearer(token).get("/api/auth/user").status_code == 401
    assert User.objects.values_list("pk", flat=True).get() == gone.pk
    assert (Closing.objects.count(), ClosedIdentity.objects.count()) == (1, 1)


def test_what_is_told_late_is_not_believed_over_what_is_true_now(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com", "Ana")
    clerk.change(ana["id"], first_name="Anna")
    for told in reversed(events(clerk)):
        deliver(told)
        work()
        assert User.objects.get().name == "Anna"
    stale = json.loads(events(clerk)[0]["body"])["data"]
    deliver(event("user.updated", stale, "msg_stale"))
    work()
    assert User.objects.get().name == "Anna"


def test_older_data_never_overwrites_newer(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com", "Ana")
    deliver(events(clerk)[0])
    work()
    User.objects.update(name="Newest", clerk_updated_ms=ana["updated_at"] + 10**9)
    clerk.change(ana["id"], first_name="Older")
    deliver(events(clerk)[1])
    work()
    assert User.objects.get().name == "Newest"


def test_a_token_before_the_event_makes_the_person_once(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com", "Ana")
    bearer(clerk.token(ana["id"])).get("/api/auth/user")
    made = User.objects.get()
    deliver(events(clerk)[0])
    work()
    assert User.objects.get().pk == made.pk


def test_an_event_sent_fifty_times_at_once_is_applied_once(clerk: Clerk) -> None:
    clerk.user("ana@example.com", "Ana")
    (told,) = events(clerk)

    def send(_: int) -> tuple[int, bool]:
        try:
            answer = deliver(told)
            return answer.status_code, answer.json()["data"]["isNew"]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(50)))
    work()
    assert sorted(answers) == [(200, False)] * 49 + [(200, True)]
    assert (WebhookEvent.objects.count(), Job.objects.count(), User.objects.count()) == (1, 1, 1)


def test_while_clerk_is_away_an_event_waits(clerk: Clerk) -> None:
    clerk.user("ana@example.com")
    clerk.fault("status", "/v1/users/*", status=503, times=3)
    deliver(events(clerk)[0])
    job = Job.objects.get()
    for _ in range(2):
        Job.objects.update(run_after=job.run_after)
        work()
    assert User.objects.count() == 1
    assert WebhookEvent.objects.get().state == "applied"


def test_an_address_that_is_taken_here_keeps_both_as_they_are(clerk: Clerk, alice: User) -> None:
    clerk.user(alice.email, "Not Alice")
    deliver(events(clerk)[0])
    work()
    alice.refresh_from_db()
    assert (User.objects.count(), alice.name, alice.clerk_id) == (1, "Alice", None)
    assert WebhookEvent.objects.get().state == "applied"


def signed_in(clerk: Clerk, user_id: str) -> tuple[Client, str]:
    """A browser that came in through Clerk, and its session there."""
    minted = clerk.mint(user=user_id)
    browser = Client()
    browser.cookies["__session"] = minted["token"]
    assert browser.get("/accounts/clerk/").status_code == 302
    assert browser.get("/settings/").status_code == 200
    return browser, str(minted["session"]["id"])


@pytest.mark.parametrize("how", ["ended", "removed", "revoked"])
def test_the_end_of_a_session_there_is_its_end_here_and_of_no_other(clerk: Clerk, how: str, browser: Client) -> None:
    ana = clerk.user("ana@example.com")
    first, session = signed_in(clerk, ana["id"])
    second, _ = signed_in(clerk, ana["id"])
    before = Session.objects.count()
    deliver(event(f"session.{how}", {"id": session, "user_id": ana["id"], "status": how}))
    work()
    assert first.get("/settings/").status_code == 302
    assert second.get("/settings/").status_code == 200
    assert browser.get("/settings/").status_code == 200
    assert Session.objects.count() == before - 1


def test_the_session_of_another_user_is_not_ended_by_naming_it(clerk: Clerk) -> None:
    ana, ben = clerk.user("ana@example.com"), clerk.user("ben@example.com")
    browser, session = signed_in(clerk, ana["id"])
    deliver(event("session.ended", {"id": session, "user_id": ben["id"]}))
    work()
    assert browser.get("/settings/").status_code == 200


def test_kinds_that_do_not_concern_us_are_kept_and_ignored(clerk: Clerk) -> None:
    for number, kind in enumerate(("session.created", "organization.created", "email.created")):
        data = {"id": "x_1", "user_id": "user_1"}
        assert deliver(event(kind, data, f"msg_{number}")).json()["data"] == {"isNew": True}
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"ignored"}
    assert not Job.objects.exists()


def test_forgeries_leave_no_row_and_cost_no_query(
    clerk: Clerk, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(0):
        for name, forge in FORGERIES.items():
            body, headers = forge()
            told = {key: value.encode().decode("latin-1") for key, value in headers.items() if key != "content-type"}
            answer = Client().post(ADDRESS, body.encode(), content_type="application/json", headers=told)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR"), name
        for _ in range(100):
            assert Client().post(ADDRESS, b"{}", content_type="application/json").status_code == 400
        huge = {"id": "msg_1", "body": json.dumps({"type": "user.created", "pad": "a" * (1 << 20)})}
        assert deliver(huge).status_code == 413
    assert not WebhookEvent.objects.exists()


def test_without_a_secret_nothing_is_taken(clerk: Clerk, settings: Settings) -> None:
    clerk.user("ana@example.com")
    settings.CLERK_WEBHOOK_SECRET = ""
    assert deliver(events(clerk)[0]).status_code == 503
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("name", ["user.created", "user.updated", "user.deleted", "session.created"])
def test_recorded_events_are_taken(clerk: Clerk, recorded: Path, name: str) -> None:
    body = (recorded / "clerk" / f"{name}.json").read_text()
    assert deliver({"id": f"msg_{name}", "body": body}).status_code == 200
    work()
    assert not User.objects.exists(), "the instance knows nobody of that id"
    assert WebhookEvent.objects.get().payload == json.loads(body)
    assert ClosedIdentity.objects.exists() == (name == "user.deleted")
