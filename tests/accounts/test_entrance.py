"""Signing up, in and out, the demo's door and lost passwords, with and without Redis."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.services import DEMO_EMAIL
from accounts.tasks import forget_sessions
from kapture.audit.models import AuditEvent
from kapture.schedule import BEAT

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
}


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password, **extra})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def without_redis(settings: Settings) -> Iterator[None]:
    default = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": default}
    yield
    del caches["default"]


@pytest.mark.usefixtures("plans")
def test_signing_up_takes_an_address_a_password_and_perhaps_a_name(client: Client) -> None:
    form = {"email": "Ana@Example.com", "password1": PASSWORD, "name": "Ana Reyes"}
    response = client.post("/accounts/signup/", form, follow=True)
    assert response.redirect_chain == [("/", 302)]
    ana = User.objects.get()
    assert (ana.email, ana.name) == ("ana@example.com", "Ana Reyes")
    assert signed_in(client)
    assert AuditEvent.objects.filter(action="accounts.signed_up", actor=ana).count() == 1


@pytest.mark.usefixtures("plans")
def test_a_new_address_is_confirmed_by_the_link_sent_to_it(client: Client) -> None:
    client.post("/accounts/signup/", {"email": "ana@example.com", "password1": PASSWORD})
    (message,) = mail.outbox
    assert message.subject == "Confirm your e-mail address"
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", message.body)
    assert link
    assert b"ana@example.com" in client.get(link[1]).content
    client.post(link[1])
    assert User.objects.get().emailaddress_set.get().verified
    assert client.get("/accounts/confirm-email/nonsense/").status_code == 200


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"email": "", "password1": PASSWORD}, "email"),
        ({"email": "x", "password1": PASSWORD}, "email"),
        ({"email": "a@example.com", "password1": ""}, "password1"),
        ({"email": "a@example.com", "password1": "short"}, "password1"),
        ({"email": "a@example.com", "password1": "password1234"}, "password1"),
        ({"email": "anareyes@example.com", "password1": "anareyes@example"}, "password1"),
        ({"email": "a@example.com", "password1": PASSWORD, "name": "a" * 151}, "name"),
        ({"email": "a@example.com", "password1": PASSWORD, "name": "a\x00"}, "name"),
        ({"email": "ALICE@example.com", "password1": PASSWORD}, "email"),
    ],
)
def test_a_refused_sign_up_says_why_at_the_field(client: Client, alice: User, form: dict[str, str], field: str) -> None:
    response = client.post("/accounts/signup/", form)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert f'id="id_{field}_error"'.encode() in response.content
    assert b"data-focus" in response.content
    assert User.objects.count() == 1


def test_signing_in_starts_a_new_session_and_out_ends_it(client: Client, alice: User) -> None:
    client.get("/accounts/login/")
    sign_in(client, "Alice@example.com")
    assert signed_in(client)
    key = client.session.session_key
    client.post("/accounts/logout/")
    assert not signed_in(client)
    client.cookies["sessionid"] = key
    assert client.get("/settings/").status_code == 302


@pytest.mark.parametrize(("email", "password"), [("alice@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_a_wrong_address_and_a_wrong_password_look_the_same(
    client: Client, alice: User, email: str, password: str
) -> None:
    response = sign_in(client, email, password)
    assert response.status_code == 422
    assert b"The e-mail address or the password is not right." in response.content
    assert not signed_in(client)


def test_a_suspended_person_stays_outside(client: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    sign_in(client, alice.email)
    assert not signed_in(client)
    assert client.get("/accounts/inactive/").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/usage/", "/usage/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("https:evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("\x08//evil.example", "/"),
        ("http://testserver@evil.example/", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_site(client: Client, alice: User, wanted: str, got: str) -> None:
    assert sign_in(client, alice.email, next=wanted)["Location"] == got


def test_pages_behind_the_entrance_lead_to_it_and_back(client: Client, alice: User) -> None:
    response = client.get("/settings/?a=1")
    assert response["Location"] == "/accounts/login/?next=/settings/%3Fa%3D1"
    assert b'name="next" value="/settings/?a=1"' in client.get(response["Location"]).content


def test_forms_need_their_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/logout/", "/accounts/demo/"):
        assert client.post(path, {"login": alice.email, "password": PASSWORD}).status_code == 403
    assert not signed_in(client)


@pytest.mark.usefixtures("plans")
def test_the_door_to_the_demo_is_open_only_beside_stand_ins(client: Client, settings: Settings) -> None:
    User.objects.create_user(DEMO_EMAIL, "kapture-demo", name="Ana Reyes")
    settings.SANDBOX = frozenset()
    assert b"Try the demo" not in client.get("/accounts/login/").content
    assert client.post("/accounts/demo/").status_code == 404
    assert not signed_in(client)
    settings.SANDBOX = frozenset({"apify"})
    assert b"Try the demo" in client.get("/accounts/login/").content
    assert client.post("/accounts/demo/", {"next": "//evil.example"})["Location"] == "/"
    assert signed_in(client)


def test_the_demo_is_closed_until_it_is_seeded_and_opens_for_a_press_only(client: Client, settings: Settings) -> None:
    settings.SANDBOX = frozenset({"apify"})
    assert client.post("/accounts/demo/").status_code == 404
    assert client.get("/accounts/demo/").status_code == 405


def link_in_mail() -> str:
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def test_a_lost_password_is_replaced_by_the_link_once(client: Client, alice: User) -> None:
    assert (
        client.post("/accounts/password/reset/", {"email": alice.email})["Location"] == "/accounts/password/reset/done/"
    )
    link = link_in_mail()
    form = client.get(link, follow=True)
    action = form.context["action_url"]
    assert client.post(action, {"password1": "short"}).status_code == 422
    assert client.post(action, {"password1": "an entirely new one"}).status_code == 302
    assert not signed_in(client)
    assert sign_in(client, alice.email).status_code == 422
    assert sign_in(client, alice.email, "an entirely new one").status_code == 302
    assert b"This link does not work" in Client().get(link, follow=True).content


def test_an_unknown_address_gets_another_message_and_the_page_tells_nothing(client: Client, alice: User) -> None:
    answers = [
        client.post("/accounts/password/reset/", {"email": email}) for email in (alice.email, "nobody@example.com")
    ]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert mail.outbox[1].subject == "There is no account with this address"


def test_changing_the_password_signs_out_the_others(browser: Client, alice: User) -> None:
    other = Client()
    sign_in(other, alice.email)
    assert (
        browser.post(
            "/accounts/password/change/", {"oldpassword": "wrong", "password1": "an entirely new one"}
        ).status_code
        == 422
    )
    response = browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "an entirely new one"})
    assert response["Location"] == "/settings/sign-in/"
    assert browser.get("/settings/").status_code == 200
    assert other.get("/settings/").status_code == 302


@pytest.mark.parametrize(
    "path",
    ["/accounts/login/code/", "/accounts/login/code/confirm/", "/accounts/reauthenticate/", "/accounts/3rdparty/"],
)
def test_what_is_not_offered_does_not_exist(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_five_wrong_passwords_are_enough(client: Client, alice: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = LIMITS
    for _ in range(5):
        assert b"is not right" in sign_in(client, alice.email, "wrong").content
    assert b"Wait five minutes" in sign_in(client, alice.email).content
    assert not signed_in(client)


def test_staff_come_in_by_the_same_door_where_attempts_are_counted(
    client: Client, staff: User, browser: Client
) -> None:
    for answer in (
        client.get("/admin/login/?next=/admin/"),
        client.post("/admin/login/?next=/admin/", {"username": staff.email, "password": PASSWORD}),
    ):
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=%2Fadmin%2F")
    assert not signed_in(client)
    assert browser.get("/admin/login/?next=/admin/").status_code == 403
    assert sign_in(client, staff.email, next="/admin/")["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_somebody_who_tries_too_often_gets_a_page(client: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**LIMITS, "signup": "2/m/ip"}
    for _ in range(2):
        client.post("/accounts/signup/", {})
    response = client.post("/accounts/signup/", {})
    assert response.status_code == 429
    assert b"Too many requests" in response.content
    assert b"</html>" in response.content


def test_sessions_that_ran_out_are_forgotten(browser: Client) -> None:
    browser.get("/settings/")
    assert BEAT["forget old sessions"]["task"] == forget_sessions.name
    forget_sessions()
    assert Session.objects.count() == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    forget_sessions()
    assert not Session.objects.exists()


def test_a_session_that_ended_while_redis_was_away_stays_ended(browser: Client, settings: Settings) -> None:
    browser.get("/settings/")
    key = browser.cookies["sessionid"].value
    present = settings.CACHES
    settings.CACHES = {"default": {**present["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    browser.post("/accounts/logout/")
    settings.CACHES = present
    visitor = Client()
    visitor.cookies["sessionid"] = key
    assert visitor.get("/settings/").status_code == 302


@pytest.mark.usefixtures("without_redis")
def test_without_redis_people_come_in_and_guessing_is_still_bounded(
    client: Client, alice: User, bob: User, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = LIMITS
    assert sign_in(client, bob.email).status_code == 302
    client.post("/accounts/logout/")
    for _ in range(5):
        assert b"is not right" in sign_in(client, alice.email, "wrong").content
    assert b"Wait five minutes" in sign_in(client, alice.email).content
