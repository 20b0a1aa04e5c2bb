"""Where somebody is signed in: noted cheaply, listed honestly, ended for good."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import tracking
from accounts.browsers import browser_of
from accounts.impersonation.services import start
from accounts.models import User
from accounts.notifications import notify
from accounts.sessions import OpenSession, end_others, end_session, open_sessions
from accounts.tasks import forget_sessions
from kapture.audit.models import AuditEvent
from kapture.core.errors import NotFound
from kapture.jobs.models import Job

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


def signed_in(user: User, agent: str = FIREFOX, address: str = "192.0.2.1") -> Client:
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def key_of(client: Client) -> str:
    return str(client.cookies["sessionid"].value)


def listed(user: User, client: Client | None = None) -> list[OpenSession]:
    return open_sessions(user, key_of(client) if client else None)


def is_in(client: Client) -> bool:
    return bool(client.get("/settings/").status_code == 200)


@pytest.mark.parametrize(
    ("agent", "name", "is_phone"),
    [
        (FIREFOX, "Firefox on Linux", False),
        (SAFARI, "Safari on iOS", True),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/131.0.0.0 Safari/537.36", "Chrome on macOS", False),
        ("curl/8.9.1", "curl", False),
        ("", "Unknown browser", False),
        ("<script>alert(1)</script>", "Unknown browser", False),
    ],
)  # fmt: skip
def test_browsers_are_named_for_people(agent: str, name: str, is_phone: bool) -> None:
    found = browser_of(agent)
    assert (found.name, found.is_phone) == (name, is_phone)


def test_signing_in_is_noted_at_once_with_browser_and_address(alice: User, bob: User) -> None:
    desk, phone = signed_in(alice), signed_in(alice, SAFARI, "2001:db8::7")
    signed_in(bob)
    here, there = listed(alice, desk)
    assert (here.is_this, here.browser.name, here.address) == (True, "Firefox on Linux", "192.0.2.1")
    assert (there.is_this, there.browser.name, there.address) == (False, "Safari on iOS", "2001:db8::7")
    assert [session.is_this for session in listed(alice, phone)] == [True, False]


def test_being_seen_costs_nothing_for_a_while_and_then_one_write(alice: User) -> None:
    desk = signed_in(alice)
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
    with CaptureQueriesContext(connection) as quiet:
        desk.get("/live/")
    assert listed(alice)[0].last_seen < timezone.now() - timedelta(minutes=59)
    tracking._noted.clear()
    with CaptureQueriesContext(connection) as noting:
        desk.get("/live/")
    assert len(noting) == len(quiet) + 1
    assert listed(alice)[0].last_seen > timezone.now() - timedelta(minutes=1)
    assert UserSession.objects.count() == 1


def test_strangers_and_programs_leave_no_trace(client: Client, api: Client) -> None:
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": "a@example.com", "password": "wrong"})
    api.get("/api/auth/user")
    assert not UserSession.objects.exists()


def test_a_session_gets_a_new_key_when_somebody_signs_in(alice: User) -> None:
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert key_of(client) != session.session_key
    assert not Session.objects.filter(pk=session.session_key).exists()


def test_one_browser_is_signed_out_at_once(alice: User, bob: User) -> None:
    desk, phone, other = signed_in(alice), signed_in(alice, SAFARI), signed_in(bob)
    chosen = next(session for session in listed(alice, desk) if not session.is_this)
    assert end_session(alice, chosen.pk) == key_of(phone)
    assert (is_in(desk), is_in(phone), is_in(other)) == (True, False, True)
    assert not Session.objects.filter(pk=key_of(phone)).exists()
    assert AuditEvent.objects.get(action="accounts.session_ended").data == {"browser": "Safari on iOS"}
    for pk in (listed(bob)[0].pk, chosen.pk):
        with pytest.raises(NotFound):
            end_session(alice, pk)
    assert is_in(other)


def test_all_others_are_signed_out(alice: User, bob: User) -> None:
    desk, phone, third, other = signed_in(alice), signed_in(alice, SAFARI), signed_in(alice), signed_in(bob)
    assert end_others(alice, key_of(desk), actor=alice) == 2
    assert [is_in(client) for client in (desk, phone, third, other)] == [True, False, False, True]
    assert len(listed(alice)) == 1
    assert end_others(alice, key_of(desk), actor=alice) == 0


def test_who_came_from_clerk_is_signed_out_there_too(alice: User) -> None:
    desk, phone = signed_in(alice), signed_in(alice, SAFARI)
    session = phone.session
    session["clerk_session"] = "sess_1"
    session.save()
    end_others(alice, key_of(desk), actor=alice)
    assert Job.objects.get(kind="accounts.leave_clerk").payload == {"session": "sess_1"}


def test_staff_who_look_leave_no_trace_and_change_nothing(alice: User, staff: User) -> None:
    told = notify(alice, "billing.usage", "80 %", path="/usage/")
    office = Client()
    office.force_login(staff)
    session = office.session
    session["impersonation"] = str(start(staff, alice, "A ticket about a scrape").pk)
    session.save()
    office.cookies["looking"] = "1"
    assert "Staff who looked" in office.get("/settings/access/").content.decode()
    assert office.get(f"/notifications/{told.pk}/").status_code == 302
    told.refresh_from_db()
    assert told.read_at is None
    assert not UserSession.objects.filter(user=alice).exists()
    assert office.post("/settings/access/panic/", {"password": PASSWORD}).status_code == 403


def test_sessions_that_let_nobody_in_are_not_listed(alice: User) -> None:
    left, stale, changed = signed_in(alice), signed_in(alice), signed_in(alice)
    left.post("/accounts/logout/")
    assert len(listed(alice)) == 2
    Session.objects.filter(pk=key_of(stale)).update(expire_date=timezone.now())
    assert [session.is_this for session in listed(alice, changed)] == [True]
    alice.set_password("an entirely new one")
    alice.save()
    assert listed(alice) == []
    forget_sessions()
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [key_of(changed)]


def test_many_sessions_cost_no_more_queries(alice: User, django_assert_num_queries: Any) -> None:
    signed_in(alice)
    with django_assert_num_queries(2):
        listed(alice)
    for number in range(5):
        signed_in(alice, address=f"192.0.2.{number + 2}")
    with django_assert_num_queries(2):
        assert len(listed(alice)) == 6
