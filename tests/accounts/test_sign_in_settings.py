"""Settings, sign-in: another address when it is confirmed, another password at once, and who is told."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.models import Notification, User
from kapture.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
NEW = "alice@new.example"
PAGE = "/settings/sign-in/"


def ask(client: Client, email: str = NEW, password: str = PASSWORD) -> Any:
    return client.post("/settings/sign-in/address/", {"email": email, "password": password})


def link_to(address: str) -> str:
    body = next(message.body for message in reversed(mail.outbox) if message.to == [address])
    found = re.search(rf"^{re.escape(settings.SITE_URL)}(/accounts/confirm-email/\S+)$", body, re.MULTILINE)
    assert found, body
    return found[1]


def sign_in(email: str, password: str = PASSWORD) -> Any:
    return Client().post("/accounts/login/", {"login": email, "password": password})


def test_a_new_address_counts_when_its_link_was_followed_and_the_old_one_is_told(
    browser: Client, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    assert ask(browser, "Alice@New.example")["Location"] == PAGE
    page = browser.get(PAGE).content.decode()
    assert NEW in page
    assert "alice@example.com" in page
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert sign_in(NEW).status_code in (302, 422)
    link = link_to(NEW)
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(link)["Location"] == PAGE
    alice.refresh_from_db()
    assert alice.email == NEW
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(NEW, True, True)]
    (told,) = mail.outbox
    assert (told.to, told.subject) == (["alice@example.com"], "Your e-mail address was changed")
    assert NEW in told.body
    assert AuditEvent.objects.filter(action="accounts.email_changed", actor=alice).count() == 1
    assert sign_in("alice@example.com").status_code == 422
    assert sign_in(NEW)["Location"] == "/"
    assert browser.post(link).status_code == 404


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        (NEW, "wrong", "password"),
        (NEW, "", "password"),
        ("nonsense", PASSWORD, "email"),
        ("ALICE@example.com", PASSWORD, "email"),
    ],
)
def test_a_wish_needs_the_password_and_another_address(browser: Client, email: str, password: str, field: str) -> None:
    response = ask(browser, email, password)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert f'id="id_{field}_error"'.encode() in response.content
    assert mail.outbox == []
    assert EmailAddress.objects.count() == 1


def test_the_last_wish_counts_and_can_be_taken_back(browser: Client, alice: User) -> None:
    ask(browser, "first@new.example")
    first = link_to("first@new.example")
    ask(browser, "second@new.example")
    second = link_to("second@new.example")
    assert browser.post(first).status_code == 404
    assert browser.post("/settings/sign-in/address/keep/")["Location"] == PAGE
    assert browser.post(second).status_code == 404
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert b"Waits for" not in browser.get(PAGE).content


def test_an_address_with_an_account_looks_the_same_and_its_owner_is_told(
    browser: Client, alice: User, bob: User
) -> None:
    answers = [(ask(browser, email), browser.get(PAGE)) for email in (NEW, bob.email)]
    assert [answer["Location"] for answer, _ in answers] == [PAGE, PAGE]
    assert f"We have sent a link to {bob.email}." in answers[1][1].content.decode()
    assert "Waits for its confirmation" in answers[1][1].content.decode()
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([bob.email], "This address has an account")
    assert "confirm-email" not in mail.outbox[-1].body


def test_an_address_that_was_taken_meanwhile_is_not_taken_over(browser: Client, alice: User) -> None:
    ask(browser)
    link = link_to(NEW)
    User.objects.create_user(NEW, PASSWORD)
    page = browser.get(link).content.decode()
    assert "belongs to another account" in page
    browser.post(link)
    EmailAddress.objects.filter(user__email=NEW).update(verified=False)
    assert "could not be confirmed" in browser.post(link, follow=True).content.decode()
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert alice.emailaddress_set.get(primary=True).email == alice.email


def test_changing_the_password_signs_out_the_others_and_is_told(browser: Client, alice: User) -> None:
    other = Client()
    other.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    new = "an entirely new one"
    wrong = browser.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": new})
    assert wrong.status_code == 422
    response = browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new})
    assert response["Location"] == PAGE
    assert browser.get("/settings/").status_code == 200
    assert other.get("/settings/").status_code == 302
    told = Notification.objects.get(owner=alice)
    assert (told.kind, told.wants_mail) == ("accounts.security", True)
    assert list(AuditEvent.objects.filter(actor=alice).values_list("action", flat=True).order_by("id")) == [
        "accounts.signed_in",
        "accounts.sessions_ended",
        "accounts.password_changed",
    ]


def test_somebody_without_a_password_gets_one_unless_clerk_lets_them_in(browser: Client, alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    browser.force_login(alice)
    page = browser.get(PAGE).content.decode()
    assert "Set a password" in page
    assert "set a password first" in page
    assert ask(browser).status_code == 404
    assert browser.get("/accounts/password/change/")["Location"] == "/accounts/password/set/"

    User.objects.filter(pk=alice.pk).update(clerk_id="user_1")
    page = browser.get(PAGE).content.decode()
    assert "Kept at Clerk" in page
    assert "Set a password" not in page
    assert browser.post("/accounts/password/set/", {"password1": "an entirely new one"})["Location"] == PAGE
    alice.refresh_from_db()
    assert not alice.has_usable_password()

    User.objects.filter(pk=alice.pk).update(clerk_id=None)
    assert browser.post("/accounts/password/set/", {"password1": "an entirely new one"})["Location"] == PAGE
    assert sign_in(alice.email, "an entirely new one")["Location"] == "/"
    assert Notification.objects.get(owner=alice).title == "Your account has a password now"
