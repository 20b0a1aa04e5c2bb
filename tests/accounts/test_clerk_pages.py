"""People come in through Clerk's pages, leave through them, and forged cookies open nothing."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.clerk.people import bury
from accounts.models import User
from tests.accounts.clerk_events import work
from tests.gateways.identity.instance import SITE, Clerk
from tests.gateways.identity.test_tokens import ATTACKS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plans")]
DOOR = "/accounts/clerk/"


def come(clerk: Clerk, user_id: str, path: str = DOOR, **wish: Any) -> tuple[Client, Any]:
    """A browser that comes back from Clerk with its cookie, and the answer."""
    browser = Client()
    browser.cookies["__session"] = clerk.token(user_id, **wish)
    return browser, browser.get(path)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_entrance_leads_to_clerk_and_back(clerk: Clerk, client: Client) -> None:
    page = client.get("/accounts/login/?next=/usage/").content.decode()
    back = "http%3A%2F%2Ftestserver%2Faccounts%2Fclerk%2F%3Fnext%3D%252Fusage%252F"
    assert f'href="{clerk.url}/sign-in?redirect_url={back}"' in page
    assert 'name="password"' in page, "who has a password still comes in with it"
    page = client.get("/accounts/signup/").content.decode()
    assert f'href="{clerk.url}/sign-up?redirect_url=http%3A%2F%2Ftestserver%2Faccounts%2Fclerk%2F"' in page
    assert "password1" not in page
    assert "evil" not in client.get("/accounts/login/?next=https://evil.example/").context["clerk"].sign_in


def test_nobody_signs_up_here_while_clerk_is_on(clerk: Clerk, client: Client) -> None:
    client.post("/accounts/signup/", {"email": "ana@example.com", "password1": "correct horse battery"})
    assert not User.objects.exists()


def test_who_has_a_password_comes_in_with_it(clerk: Clerk, client: Client, staff: User) -> None:
    client.post("/accounts/login/", {"login": staff.email, "password": "correct horse battery"})
    assert is_in(client)


def test_while_clerk_is_off_the_entrance_knows_nothing_of_it(client: Client) -> None:
    assert b"Clerk" not in client.get("/accounts/login/").content
    assert b"password1" in client.get("/accounts/signup/").content
    assert client.get(DOOR).status_code == 404
    assert client.post(DOOR, {"token": "x"}).status_code == 404


def test_the_cookie_lets_somebody_in_who_then_has_an_ordinary_session(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com", "Ana")
    browser, answer = come(clerk, ana["id"], f"{DOOR}?next=/usage/")
    assert (answer.status_code, answer["Location"]) == (302, "/usage/")
    assert browser.session["_auth_user_id"] == str(User.objects.get(clerk_id=ana["id"]).pk)
    assert browser.session["clerk_session"].startswith("sess_")
    assert 0 < browser.session.get_expiry_age() <= 86_400
    del browser.cookies["__session"]
    assert browser.get("/settings/").status_code == 200
    assert browser.get(f"{DOOR}?next=/usage/")["Location"] == "/usage/"


def test_the_cookie_of_this_instance_goes_before_that_of_another_on_the_same_host(
    clerk: Clerk, settings: Settings
) -> None:
    settings.CLERK_PUBLISHABLE_KEY = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"
    browser = Client()
    browser.cookies["__session"] = clerk.token("mira.okafor@example.com")
    # The first eight letters of the key's SHA-1 in base64, as Clerk's script names the cookie.
    browser.cookies["__session_l2OS3d9k"] = clerk.token("tomas.lindqvist@example.com")
    assert browser.get(DOOR).status_code == 302
    assert User.objects.get().email == "tomas.lindqvist@example.com"


def test_a_stale_cookie_does_not_hide_a_good_one(clerk: Clerk, settings: Settings) -> None:
    settings.CLERK_PUBLISHABLE_KEY = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"
    browser = Client()
    browser.cookies["__session_l2OS3d9k"] = clerk.token(claims={"exp": 1})
    browser.cookies["__session"] = clerk.token("tomas.lindqvist@example.com")
    assert browser.get(DOOR).status_code == 302


def test_the_key_of_the_session_changes_on_the_way_in(clerk: Clerk) -> None:
    browser = Client()
    browser.get("/accounts/login/")
    session = browser.session
    session["x"] = 1
    session.save()
    before = browser.session.session_key
    browser.cookies["sessionid"] = before
    browser.cookies["__session"] = clerk.token()
    browser.get(DOOR)
    assert is_in(browser)
    assert browser.session.session_key != before


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_after_coming_in_one_stays_on_this_site(clerk: Clerk, wanted: str) -> None:
    browser = Client()
    browser.cookies["__session"] = clerk.token()
    assert browser.get(DOOR, {"next": wanted})["Location"] == "/"


def test_no_forged_cookie_or_token_opens_a_session(clerk: Clerk) -> None:
    for name, attack in {**ATTACKS, "no site": lambda clerk: clerk.token(azp="")}.items():
        token = attack(clerk)
        browser = Client()
        if token.isascii():
            browser.cookies["__session"] = token
            assert browser.get(DOOR).status_code == 200, name
        assert browser.post(DOOR, {"token": token}).status_code == 422, name
        assert not is_in(browser), name
    assert not User.objects.exists()
    assert clerk.requests("/v1/*") == []


def test_without_a_cookie_the_page_loads_clerks_script_and_no_other_page_does(clerk: Clerk, client: Client) -> None:
    page = client.get(f"{DOOR}?next=/usage/")
    text = page.content.decode()
    assert f'<script src="{clerk.url}/npm/@clerk/clerk-js@6/dist/clerk.browser.js"' in text
    assert 'name="next" value="/usage/"' in text
    policy = page["Content-Security-Policy"]
    assert f"script-src 'self' {clerk.url};" in policy + ";"
    assert f"connect-src 'self' {clerk.url}" in policy
    assert "unsafe" not in policy
    assert clerk.url not in client.get("/accounts/login/")["Content-Security-Policy"]
    assert page["Cache-Control"].startswith("max-age=0")


def test_a_token_that_the_script_posts_lets_somebody_in(clerk: Clerk) -> None:
    browser = Client(enforce_csrf_checks=True)
    token = browser.get(DOOR).context["csrf_token"]
    form = {"token": clerk.token(), "next": "/usage/"}
    assert browser.post(DOOR, form).status_code == 403
    assert not is_in(browser)
    answer = browser.post(DOOR, {**form, "csrfmiddlewaretoken": str(token)})
    assert (answer.status_code, answer["Location"]) == (302, "/usage/")
    assert is_in(browser)


def test_a_refused_token_says_so_and_does_not_try_again_by_itself(clerk: Clerk, client: Client) -> None:
    page = client.post(DOOR, {"token": "nonsense", "next": "/usage/"})
    assert page.status_code == 422
    assert b"could not be verified" in page.content
    assert b"clerk.browser.js" not in page.content
    assert clerk.url not in page["Content-Security-Policy"]


def test_a_token_outlives_its_session_but_opens_none(clerk: Clerk) -> None:
    minted = clerk.mint()
    clerk.ask("POST", f"/v1/sessions/{minted['session']['id']}/revoke")
    browser = Client()
    browser.cookies["__session"] = minted["token"]
    page = browser.get(DOOR)
    assert page.status_code == 403
    assert b"has ended" in page.content
    assert not is_in(browser)


def test_while_clerk_cannot_be_asked_nobody_comes_in(clerk: Clerk) -> None:
    clerk.fault("status", "/v1/sessions/*", status=500, times=100)
    browser, page = come(clerk, "")
    assert page.status_code == 502
    assert not is_in(browser)


def test_an_address_that_is_taken_is_explained(clerk: Clerk, alice: User) -> None:
    twin = clerk.user(alice.email)
    browser, page = come(clerk, twin["id"])
    assert page.status_code == 409
    assert b"There is an account with the address alice@example.com already" in page.content
    assert not is_in(browser)
    assert browser.cookies["__session"].value == ""
    work()
    (session,) = clerk.get("/_sandbox/people")["sessions"]
    assert session["status"] == "revoked", "or the next try would come straight back here"


def test_closed_and_suspended_people_stay_outside(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com")
    browser, _ = come(clerk, ana["id"])
    User.objects.update(is_active=False)
    browser, answer = come(clerk, ana["id"])
    assert (answer["Location"], is_in(browser)) == ("/accounts/inactive/", False)
    ben = clerk.user("ben@example.com")
    bury(ben["id"])
    browser, page = come(clerk, ben["id"])
    assert (page.status_code, is_in(browser)) == (403, False)
    assert b"was closed" in page.content


def test_signing_out_here_signs_out_there(clerk: Clerk) -> None:
    browser, _ = come(clerk, "mira.okafor@example.com")
    browser.cookies["__session_abc"] = "x"
    answer = browser.post("/accounts/logout/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert not is_in(browser)
    assert {name: answer.cookies[name]["max-age"] for name in ("__session", "__session_abc")} == {
        "__session": 0,
        "__session_abc": 0,
    }
    work()
    (session,) = clerk.get("/_sandbox/people")["sessions"]
    assert session["status"] == "revoked"


def test_signing_out_with_a_password_session_asks_clerk_nothing(clerk: Clerk, browser: Client) -> None:
    answer = browser.post("/accounts/logout/")
    work()
    assert "__session" not in answer.cookies
    assert clerk.requests("/v1/*") == []


def test_who_comes_from_clerk_gets_no_password_by_e_mail(clerk: Clerk, client: Client) -> None:
    come(clerk, "mira.okafor@example.com")
    client.post("/accounts/password/reset/", {"email": "mira.okafor@example.com"})
    assert all("/password/reset/key/" not in message.body for message in mail.outbox)


def test_the_site_in_a_token_is_this_one_whatever_its_path(clerk: Clerk, settings: Settings) -> None:
    settings.SITE_URL = f"{SITE}/kapture"
    _, answer = come(clerk, "")
    assert answer.status_code == 302
