"""Signing up, in and out, the demo's door and lost passwords, with and without Redis."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.services import DEMO_EMAIL, trust_address
from accounts.tasks import forget_sessions
from kapture.audit.models import AuditEvent
from kapture.schedule import BEAT
from tests.accounts import counting
from tests.thorough import some

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
# Django masks its token anew on every page.
TOKEN = re.compile(r"\b[A-Za-z0-9]{64}\b|\b[0-9a-f-]{32,36}\b")
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


def sign_up(client: Client, email: str = "ana@example.com", **extra: str) -> Any:
    return client.post("/accounts/signup/", {"email": email, "password1": PASSWORD, **extra})


def mailed_link(kind: str) -> str:
    """The path of the link in the last message, which leads to this instance whatever host the request named."""
    found = re.search(rf"^{re.escape(settings.SITE_URL)}(/accounts/{kind}/\S+)$", mail.outbox[-1].body, re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


@pytest.mark.usefixtures("plans")
def test_signing_up_takes_an_address_that_is_confirmed_before_anybody_is_let_in(client: Client) -> None:
    response = sign_up(client, "Ana@Example.com", name="Ana Reyes", next="/usage/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/confirm-email/")
    ana = User.objects.get()
    assert (ana.email, ana.name) == ("ana@example.com", "Ana Reyes")
    assert AuditEvent.objects.filter(action="accounts.signed_up", actor=ana).count() == 1
    assert b"<strong>ana@example.com</strong>" in client.get("/accounts/confirm-email/").content
    assert not signed_in(client)
    assert sign_in(Client(), "ana@example.com")["Location"] == "/accounts/confirm-email/"

    message = mail.outbox[0]
    assert (message.subject, message.to) == ("Confirm your e-mail address", ["ana@example.com"])
    link = mailed_link("confirm-email")
    assert b"ana@example.com" in client.get(link).content
    assert not signed_in(client)
    # In the browser that signed up one is let in at once.
    assert client.post(link)["Location"] == "/usage/"
    assert signed_in(client)
    assert AuditEvent.objects.filter(action="accounts.email_confirmed", actor=ana).count() == 1


@pytest.mark.usefixtures("plans")
def test_the_link_confirms_once_and_opens_nothing_in_another_browser(client: Client) -> None:
    sign_up(client)
    link, elsewhere = mailed_link("confirm-email"), Client()
    assert elsewhere.post(link).status_code == 302
    assert not signed_in(elsewhere)
    assert elsewhere.post(link).status_code == 404
    assert b"This link does not work" in client.get(link).content
    assert b"This link does not work" in client.get("/accounts/confirm-email/nonsense/").content
    assert sign_in(elsewhere, "ana@example.com")["Location"] == "/"
    assert signed_in(elsewhere)


@pytest.mark.parametrize("owner_confirmed", [True, False])
def test_a_taken_address_gets_the_same_page_and_its_owner_a_message(
    client: Client, alice: User, owner_confirmed: bool
) -> None:
    alice.emailaddress_set.update(verified=owner_confirmed)
    answers = [sign_up(Client(), email) for email in ("Alice@example.com", "nobody@example.com")]
    pages = [answer.client.get("/accounts/confirm-email/").content.decode() for answer in answers]
    assert [answer["Location"] for answer in answers] == ["/accounts/confirm-email/"] * 2
    assert TOKEN.sub("", pages[0]) == TOKEN.sub("", pages[1]).replace("nobody@", "alice@")
    assert sorted(answers[0].cookies) == sorted(answers[1].cookies)
    first, second = mail.outbox
    assert (first.subject, first.to) == ("You have an account already", ["alice@example.com"])
    assert settings.SITE_URL + "/accounts/password/reset/" in first.body
    assert (second.subject, second.to) == ("Confirm your e-mail address", ["nobody@example.com"])
    alice.refresh_from_db()
    assert alice.name == "Alice"
    assert sign_in(client, alice.email, "another long password").status_code == 422


@pytest.mark.usefixtures("plans")
def test_a_new_and_a_taken_address_take_the_same_work(alice: User, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.accounts.counting.Hasher"]
    done = []
    for email in ("alice@example.com", "nobody@example.com"):
        counting.hashes.clear()
        sign_up(Client(), email)
        done.append(len(counting.hashes))
    assert done == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_of_many_sign_ups_at_once_one_makes_the_account(plans: None) -> None:
    def attempt(_: int) -> Any:
        try:
            return sign_up(Client())["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(attempt, range(6))) == {"/accounts/confirm-email/"}
    assert User.objects.get().emailaddress_set.count() == 1
    subjects = [message.subject for message in mail.outbox]
    assert subjects.count("Confirm your e-mail address") == 1


def test_an_address_somebody_merely_wants_keeps_nobody_out(client: Client, bob: User, plans: None) -> None:
    EmailAddress.objects.create(user=bob, email="ana@example.com")
    client.post("/accounts/password/reset/", {"email": "ana@example.com"})
    assert mail.outbox[-1].subject == "There is no account with this address"
    sign_up(client)
    assert client.post(mailed_link("confirm-email"))["Location"] == "/"
    assert signed_in(client)
    assert User.objects.get(email="ana@example.com") != bob


@pytest.mark.usefixtures("plans")
def test_a_mail_server_that_is_away_is_told_and_the_next_try_sends(client: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**LIMITS, "confirm_email": "1/180s/key"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    response = sign_up(client)
    assert response.status_code == 503
    assert b"The message could not be sent." in response.content
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    sign_in(client, "ana@example.com")
    sign_in(client, "ana@example.com")
    assert len(mail.outbox) == 1
    client.post(mailed_link("confirm-email"))
    assert signed_in(client)


def test_whom_trusted_hands_bring_in_need_not_confirm(client: Client, staff: User, alice: User) -> None:
    office = Client()
    office.force_login(staff)
    form = {"email": "New@example.com", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert office.post("/admin/accounts/user/add/", form).status_code == 302
    for email in ("new@example.com", alice.email):
        assert sign_in(client, email)["Location"] == "/"
        client.post("/accounts/logout/")
    alice.email = "alice@new.example"
    alice.save()
    trust_address(alice)
    assert list(alice.emailaddress_set.values_list("email", "verified", "primary")) == [
        ("alice@new.example", True, True)
    ]
    assert mail.outbox == []


def test_people_of_before_are_trusted_and_who_began_to_confirm_still_has_to(alice: User, bob: User) -> None:
    alice.emailaddress_set.all().delete()
    bob.emailaddress_set.update(verified=False)
    import_module("accounts.migrations.0003_trust_known_addresses").trust(apps, None)
    found = EmailAddress.objects.order_by("email").values_list("email", "verified", "primary")
    assert list(found) == [(alice.email, True, True), (bob.email, False, True)]


def test_where_messages_stay_on_this_machine_the_pages_lead_to_them(client: Client, settings: Settings) -> None:
    pages = ("/accounts/confirm-email/", "/accounts/password/reset/done/")
    for path in pages:
        assert b"mailbox" not in client.get(path).content
    settings.MAILBOX_URL = "http://127.0.0.1:4711"
    for path in pages:
        assert b'<a href="http://127.0.0.1:4711">mailbox</a>' in client.get(path).content


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"email": "", "password1": PASSWORD}, "email"),
        ({"email": "x", "password1": PASSWORD}, "email"),
        ({"email": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}", "password1": PASSWORD}, "email"),
        ({"email": "a@example.com", "password1": ""}, "password1"),
        ({"email": "a@example.com", "password1": "short"}, "password1"),
        ({"email": "a@example.com", "password1": "password1234"}, "password1"),
        ({"email": "anareyes@example.com", "password1": "anareyes@example"}, "password1"),
        ({"email": "a@example.com", "password1": PASSWORD, "name": "a" * 151}, "name"),
        ({"email": "a@example.com", "password1": PASSWORD, "name": "a\x00"}, "name"),
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


def test_a_suspended_person_stays_outside(client: Client, alice: User, settings: Any) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    sign_in(client, alice.email)
    assert not signed_in(client)
    settings.SUPPORT_EMAIL = ""
    said = client.get("/accounts/inactive/").content.decode()
    assert "The reason was sent to you by e-mail." in said
    assert "Answer the e-mail you got" in said
    settings.SUPPORT_EMAIL = "help@example.com"
    assert 'href="mailto:help@example.com"' in client.get("/accounts/inactive/").content.decode()


ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "///evil.example/", "////evil.example", "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example", "https:evil.example", "https:/evil.example", "http:///evil.example", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "\x08//evil.example", "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example", " //evil.example", "http://testserver@evil.example/", "http://testserver:80@evil.example/",
    "http://evil.example\\@testserver/", "http://testserver.evil.example/", "http://evil.example#testserver",
    "http://evil.example?testserver", "http://evil.example/testserver", "http://testserver:8000/", "http://localhost/",
    "http://127.0.0.1/", "https://testserver:443.evil.example/", "//testserver.evil.example", "http://[::1]/", "http://1/",
    "//％2fevil.example", "http://evil。example/", "ftp://testserver/", "mailto:x@evil.example", "//", "http://",
]  # fmt: skip


@pytest.mark.parametrize("wanted", some(ELSEWHERE))
def test_nobody_is_led_off_this_site(client: Client, alice: User, wanted: str) -> None:
    assert sign_in(client, alice.email, next=wanted)["Location"] == "/"
    signed = client.get("/accounts/login/", {"next": wanted})
    assert (signed.status_code, signed["Location"]) == (302, "/")
    left = client.post("/accounts/logout/", {"next": wanted})
    assert left["Location"] == "/accounts/login/"
    assert wanted not in client.get("/accounts/login/", {"next": wanted}).context["login_url"]


def test_after_signing_in_one_is_where_one_wanted_to_be(client: Client, alice: User) -> None:
    assert sign_in(client, alice.email, next="/usage/?a=1")["Location"] == "/usage/?a=1"
    client.post("/accounts/logout/")
    assert sign_in(client, alice.email, next="")["Location"] == "/"


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
    settings.SANDBOX = frozenset({"stripe", "apify"})
    assert b"Try the demo" not in client.get("/accounts/login/").content
    assert client.post("/accounts/demo/").status_code == 404
    assert not signed_in(client)
    settings.SANDBOX = frozenset({"apify", "openai"})
    assert b"Try the demo" in client.get("/accounts/login/").content
    assert client.post("/accounts/demo/", {"next": "//evil.example"})["Location"] == "/"
    assert signed_in(client)


def test_the_demo_is_closed_until_it_is_seeded_and_opens_for_a_press_only(client: Client, settings: Settings) -> None:
    settings.SANDBOX = frozenset({"apify", "openai"})
    assert client.post("/accounts/demo/").status_code == 404
    assert client.get("/accounts/demo/").status_code == 405


def test_a_lost_password_is_replaced_by_the_link_once(client: Client, alice: User) -> None:
    assert (
        client.post("/accounts/password/reset/", {"email": alice.email})["Location"] == "/accounts/password/reset/done/"
    )
    link = mailed_link("password/reset/key")
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


@pytest.mark.parametrize(
    "disguise",
    [
        lambda number: {"HTTP_X_FORWARDED_FOR": f"198.51.100.{number}"},
        lambda number: {"HTTP_HOST": f"testserver:{8000 + number}"},
        lambda number: {"HTTP_USER_AGENT": f"Browser/{number}", "HTTP_X_REAL_IP": f"198.51.100.{number}"},
    ],
    ids=["forwarded", "host", "browser"],
)
def test_no_disguise_begins_a_new_count(client: Client, alice: User, settings: Settings, disguise: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = LIMITS
    answers = [
        client.post("/accounts/login/", {"login": alice.email, "password": "wrong"}, **disguise(number)).content
        for number in range(8)
    ]
    assert [b"is not right" in answer for answer in answers] == [True] * 5 + [False] * 3
    assert b"Wait five minutes" in sign_in(client, alice.email).content


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_get_five_tries(alice: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = LIMITS | {"login": "1000/m/ip", "login_failed": "1000/m/ip,5/300s/key"}

    def guess(number: int) -> bool:
        try:
            address = {"REMOTE_ADDR": f"198.51.100.{number}"}
            form = {"login": alice.email, "password": f"wrong {number}"}
            return b"is not right" in Client().post("/accounts/login/", form, **address).content
        finally:
            connection.close()

    with ThreadPoolExecutor(25) as pool:
        assert sum(pool.map(guess, range(50))) == 5
    assert b"Wait five minutes" in sign_in(Client(), alice.email).content


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com", "nopassword@example.com"])
def test_a_wrong_guess_costs_one_hash_whoever_is_meant(
    client: Client, alice: User, settings: Settings, email: str
) -> None:
    settings.PASSWORD_HASHERS = ["tests.accounts.counting.Hasher"]
    alice.set_password(PASSWORD)
    alice.save()
    User.objects.create_user("nopassword@example.com")
    counting.hashes.clear()
    assert b"is not right" in sign_in(client, email, "wrong").content
    assert len(counting.hashes) == 1


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
