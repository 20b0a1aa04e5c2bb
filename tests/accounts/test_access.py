"""What can touch somebody's data is told in full, and is cut off at once."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import events
from accounts.models import ApiKey, Impersonation, Notification, User
from accounts.services import issue_key, revoke_key
from accounts.suspension import restore, suspend
from kapture.audit.models import AuditEvent
from kapture.audit.services import record
from tests.accounts.test_sessions import FIREFOX, SAFARI, is_in, listed, signed_in

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
PAGE = "/settings/access/"
PANIC = f"{PAGE}panic/"


def text_of(client: Client) -> str:
    """The words of the page's main part, without its markup."""
    page = client.get(PAGE).content.decode()
    main = page[page.index("<main") : page.index("</main")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def bearer(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_browsers_programs_and_staff_are_listed(alice: User, bob: User, staff: User) -> None:
    desk = signed_in(alice, FIREFOX)
    signed_in(alice, SAFARI, "2001:db8::7")
    issue_key(alice, "uploader", scope=ApiKey.Scope.READ, daily_cap=50, is_dry_run=True)
    issue_key(bob, "of bob")
    revoke_key(alice, issue_key(alice, "revoked").key)
    Impersonation.objects.create(
        staff=staff, user=alice, reason="A ticket <b>about</b> a scrape", ended_at=timezone.now()
    )
    Impersonation.objects.create(staff=staff, user=bob, reason="Something of Bob")
    said = text_of(desk)
    for words in (
        "Firefox on Linux", "192.0.2.1", "This browser", "Safari on iOS", "2001:db8::7",
        "uploader", "Read", "never used", "at most 50 units a day", "Dry run",
        "staff", "A ticket &lt;b&gt;about&lt;/b&gt; a scrape", "Signed in with Firefox on Linux", "API key made",
    ):  # fmt: skip
        assert words in said, words
    for words in ("of bob", "Something of Bob", "revoked “"):
        assert words not in said


def test_an_account_without_any_of_it_says_so(browser: Client) -> None:
    said = text_of(browser)
    assert "No API key: no program can act for you." in said
    assert "Nobody has looked." in said
    assert "Sign out all others" not in said


def test_browsers_are_signed_out_one_by_one_and_all_at_once(alice: User, stranger: Client) -> None:
    desk, phone, third = signed_in(alice), signed_in(alice, SAFARI), signed_in(alice)
    chosen = next(session for session in listed(alice, desk) if session.browser.is_phone)
    assert stranger.post(f"{PAGE}sessions/{chosen.pk}/end/").status_code == 404
    assert is_in(phone)
    assert "That browser is signed out." in desk.post(f"{PAGE}sessions/{chosen.pk}/end/", follow=True).content.decode()
    assert [is_in(client) for client in (desk, phone, third)] == [True, False, True]
    assert "Signed out: 1 other browser." in desk.post(f"{PAGE}sessions/end/", follow=True).content.decode()
    assert [is_in(client) for client in (desk, third)] == [True, False]
    (last,) = listed(alice, desk)
    assert desk.post(f"{PAGE}sessions/{last.pk}/end/")["Location"] == "/accounts/login/"
    assert not is_in(desk)


def test_panic_cuts_off_keys_and_browsers_and_nothing_else(alice: User, bob: User, stranger: Client) -> None:
    desk, phone = signed_in(alice), signed_in(alice, SAFARI)
    secrets = [issue_key(alice, name).secret for name in ("one", "two")]
    foreign = issue_key(bob, "his").secret
    assert desk.post(PANIC, {"password": "wrong"}).status_code == 422
    assert is_in(phone)
    answer = desk.post(PANIC, {"password": PASSWORD}, follow=True).content.decode()
    assert "Cut off: 2 API keys and 1 other browser." in answer
    assert [bearer(secret).get("/api/auth/user").status_code for secret in (*secrets, foreign)] == [401, 401, 200]
    assert [is_in(client) for client in (desk, phone, stranger)] == [True, False, True]
    event = AuditEvent.objects.get(action="accounts.panicked")
    assert (event.actor, event.data) == (alice, {"keys": 2, "sessions": 1})
    told = Notification.objects.get(owner=alice)
    assert (told.kind, told.wants_mail) == ("accounts.security", True)
    assert "Everything cut off (API keys: 2, browsers: 1)" in text_of(desk)
    again = desk.post(PANIC, {"password": PASSWORD}, follow=True).content.decode()
    assert "Cut off: 0 API keys and 0 other browsers." in again


def test_who_has_no_password_types_the_address(alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    client = Client()
    client.force_login(alice)
    issue_key(alice, "one")
    wrong = client.post(PANIC, {"address": "bob@example.com"})
    assert wrong.status_code == 422
    assert list(wrong.context["form"].errors) == ["address"]
    assert ApiKey.objects.usable().count() == 1
    assert client.post(PANIC, {"address": " Alice@example.com "}).status_code == 302
    assert ApiKey.objects.usable().count() == 0


def test_guessing_the_password_there_is_bounded_as_at_the_door(browser: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key", "reauthenticate": "5/m/user"}
    for _ in range(5):
        assert "not your current password" in browser.post(PANIC, {"password": "wrong"}).content.decode()
    assert "Wait five minutes" in browser.post(PANIC, {"password": PASSWORD}).content.decode()


def test_staff_and_the_product_are_named_when_they_did_it(browser: Client, alice: User, staff: User) -> None:
    key = issue_key(alice, "leaked").key
    revoke_key(staff, key)
    record(None, "accounts.changed_at_clerk", alice)
    AuditEvent.objects.create(actor=alice, action="accounts.sessions_ended")
    said = text_of(browser)
    assert "API key revoked by staff" in said
    assert "Changed at Clerk by Kapture" in said
    assert "Browsers signed out: unknown" in said


def test_what_staff_did_stands_with_the_person_and_names_them(alice: User, staff: User) -> None:
    signed_in(alice)
    suspend(staff, alice, "Too many scrapes of one shop")
    restore(staff, alice, "It was a mistake of ours")
    record(staff, "accounts.impersonation_started", alice)
    said = text_of(signed_in(alice))
    for words in (
        "Account suspended by staff",
        "Browsers signed out: 1 by staff",
        "Your account was looked at by staff",
    ):
        assert words in said
    said = text_of(signed_in(staff))
    for words in ("Account suspended", "Browsers signed out", "Your account was looked at"):
        assert words not in said


def test_whatever_accounts_record_has_words() -> None:
    recorded: set[str] = set()
    for file in (Path(events.__file__).parent).rglob("*.py"):
        recorded |= set(re.findall(r"record\([^\"]*\"(accounts\.[a-z_]+)\"", file.read_text()))
    assert len(recorded) > 10
    assert recorded - set(events.WORDS) == set()


def test_more_of_everything_costs_no_more_queries(alice: User, staff: User, django_assert_num_queries: Any) -> None:
    desk = signed_in(alice)
    for times in (1, 5):
        for number in range(times):
            signed_in(alice, address=f"192.0.2.{number + 2}")
            issue_key(alice, f"key {number}")
            Impersonation.objects.create(staff=staff, user=alice, reason="A reason")
        with django_assert_num_queries(QUERIES):
            desk.get(PAGE)


# Session and user, what the frame reads, two for the browsers, keys, looks, and two for the history.
QUERIES = 14
