"""Staff see what somebody sees: with a reason that person reads, for half an hour, and without changing anything."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.impersonation.browser import COOKIE
from accounts.impersonation.services import LASTS, start
from accounts.models import Impersonation, Notification, User
from accounts.services import issue_key
from accounts.tasks import end_looks
from ideaboards.models import Ideaboard
from ideaboards.services import create_board
from ideaboards.specs import BoardChanges
from kapture.audit.models import AuditEvent
from kapture.core.errors import Forbidden, InvalidInput
from kapture.schedule import BEAT
from tests.api.answers import accepted, refused
from tests.tables import changed, fingerprints

pytestmark = pytest.mark.django_db
REASON = "A ticket says the list of boards is empty"
STOP = "/accounts/looking/stop/"
# The browser of the helper has sessions of its own.
OF_BROWSERS = ("django_session", "usersessions_usersession")


@pytest.fixture
def helper(plans: None) -> User:
    """Staff who may find people and look as them, and nothing else."""
    user = User.objects.create_user("helper@example.com", "correct horse battery", name="Hel", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("impersonate_user", "view_user")))
    return user


@pytest.fixture
def office(helper: User) -> Client:
    """The browser of the helper."""
    client = Client()
    client.force_login(helper)
    return client


@pytest.fixture
def looking(office: Client, alice: User) -> Client:
    """The browser of the helper, who looks as Alice."""
    look_as(office, alice)
    return office


def look_as(client: Client, person: User, reason: str = REASON) -> None:
    response = client.post(f"/admin/accounts/user/{person.pk}/look/", {"reason": reason})
    assert (response.status_code, response["Location"]) == (302, "/")


def test_a_look_is_begun_with_a_reason_on_record_and_told(office: Client, helper: User, alice: User) -> None:
    page = f"/admin/accounts/user/{alice.pk}/look/"
    assert office.get(page).status_code == 200
    assert office.post(page, {"reason": "because"}).status_code == 422
    assert not Impersonation.objects.exists()

    look_as(office, alice)

    look = Impersonation.objects.get()
    assert (look.staff, look.user, look.reason, look.ended_at) == (helper, alice, REASON, None)
    event = AuditEvent.objects.get(action="accounts.impersonation_started")
    assert (event.actor, event.subject_id, event.data["reason"]) == (helper, str(alice.pk), REASON)
    told = Notification.objects.get(owner=alice)
    assert (told.kind, told.path) == ("accounts.impersonated", "/settings/access/")
    assert REASON in told.body


def test_the_helper_sees_what_alice_sees_under_a_banner(looking: Client, alice: User) -> None:
    create_board(alice, BoardChanges(title="Kites of autumn"))
    page = looking.get("/ideaboards/").content.decode()
    assert "Kites of autumn" in page
    for path in ("/", "/settings/", "/usage/", "/nothing-is-here/", "/accounts/password/reset/"):
        page = looking.get(path).content.decode()
        assert "You look as alice@example.com" in page, path
        assert REASON in page
        assert STOP in page
    assert accepted(looking.get("/api/auth/user"))["email"] == alice.email
    assert accepted(looking.get("/api/ideaboards"))[0]["title"] == "Kites of autumn"


def test_nothing_can_be_changed(looking: Client, alice: User) -> None:
    board = create_board(alice, BoardChanges(title="Kites"))
    before = fingerprints(OF_BROWSERS)
    for path in (f"/ideaboards/{board.pk}/delete/", "/settings/keys/", "/accounts/logout/", "/preferences/"):
        response = looking.post(path, {"name": "k", "scope": "write", "days": "0"})
        assert response.status_code == 403, path
        assert "nothing can be changed" in response.content.decode()
    for method in ("post", "put", "patch", "delete"):
        refused(getattr(looking, method)(f"/api/ideaboards/{board.pk}", {}, "application/json"), 403, "FORBIDDEN")
    refused(looking.post("/api/auth/keys", {"name": "k"}, "application/json"), 403, "FORBIDDEN")
    assert changed(before) == set()


def test_looking_leaves_no_trace_with_alice(looking: Client, browser: Client, alice: User) -> None:
    browser.get("/settings/")
    before, sessions = fingerprints(OF_BROWSERS), Session.objects.count()
    for path in ("/", "/settings/", "/settings/keys/", "/usage/", "/trends/", "/downloads/", "/library/", "/live/"):
        assert looking.get(path).status_code == 200, path
    assert changed(before) == set()
    assert Session.objects.count() == sessions
    assert Notification.objects.get(owner=alice).read_at is None


def test_the_admin_is_closed_meanwhile(looking: Client, staff: User) -> None:
    for path in ("/admin/", "/admin/accounts/user/", "/admin/login/"):
        assert looking.get(path).status_code == 403, path


def test_stopping_leads_back_and_is_on_record(looking: Client, helper: User, alice: User) -> None:
    response = looking.post(STOP)
    assert (response.status_code, response["Location"]) == (302, f"/admin/accounts/user/{alice.pk}/change/")
    assert looking.get(response["Location"]).status_code == 200
    assert "You look as" not in looking.get("/settings/").content.decode()
    assert looking.get("/api/auth/user").json()["data"]["email"] == helper.email
    look = Impersonation.objects.get()
    assert look.ended_at is not None
    event = AuditEvent.objects.get(action="accounts.impersonation_ended")
    assert (event.actor, event.data) == (helper, {"impersonation": str(look.pk), "why": "stopped"})
    assert looking.post(STOP)["Location"] == "/"
    assert AuditEvent.objects.filter(action="accounts.impersonation_ended").count() == 1


def test_a_form_from_before_counts_no_more(helper: User, alice: User) -> None:
    office = Client(enforce_csrf_checks=True)
    office.force_login(helper)
    office.get("/settings/")
    token = office.cookies["csrftoken"].value
    page = f"/admin/accounts/user/{alice.pk}/look/"
    assert office.post(page, {"reason": REASON, "csrfmiddlewaretoken": token}).status_code == 302
    stale = {"csrfmiddlewaretoken": token}
    assert office.post(STOP, stale).status_code == 403
    assert Impersonation.objects.get().ended_at is None
    assert office.post(STOP, {"csrfmiddlewaretoken": office.cookies["csrftoken"].value}).status_code == 302


def test_it_ends_after_half_an_hour(looking: Client, alice: User, helper: User) -> None:
    begun = timezone.now() - LASTS - timedelta(minutes=5)
    Impersonation.objects.update(created_at=begun)
    response = looking.post("/ideaboards/create/", {"title": "Mine"})
    assert response.status_code == 403
    assert "time is up" in response.content.decode()
    look = Impersonation.objects.get()
    assert look.ended_at == begun + LASTS
    assert AuditEvent.objects.get(action="accounts.impersonation_ended").actor is None
    assert not Ideaboard.objects.exists()
    assert looking.get("/api/auth/user").json()["data"]["email"] == helper.email


def test_the_clock_ends_looks_of_browsers_that_never_came_back(looking: Client) -> None:
    assert BEAT["end looks of staff"]["task"] == end_looks.name
    end_looks()
    assert Impersonation.objects.get().ended_at is None
    Impersonation.objects.update(created_at=timezone.now() - LASTS)
    end_looks()
    end_looks()
    assert Impersonation.objects.get().ended_at is not None
    assert AuditEvent.objects.filter(action="accounts.impersonation_ended").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda helper, alice: helper.user_permissions.clear(),
        lambda helper, alice: User.objects.filter(pk=helper.pk).update(is_staff=False),
        lambda helper, alice: User.objects.filter(pk=alice.pk).update(is_active=False),
        lambda helper, alice: User.objects.filter(pk=alice.pk).update(is_staff=True),
    ],
)
def test_it_ends_when_it_would_not_be_allowed_any_more(
    looking: Client, helper: User, alice: User, change: Callable[[User, User], object]
) -> None:
    change(helper, alice)
    assert looking.get("/settings/").status_code == 403
    assert Impersonation.objects.get().ended_at is not None
    assert "alice@example.com" not in looking.get("/settings/").content.decode()


def test_who_may_be_looked_as(helper: User, alice: User, bob: User, staff: User) -> None:
    for person in (staff, helper):
        with pytest.raises(Forbidden):
            start(helper, person, REASON)
    with pytest.raises(Forbidden):
        start(bob, alice, REASON)
    bob.is_active = False
    with pytest.raises(Forbidden):
        start(helper, bob, REASON)
    for reason in ("", "because", " " * 20, "a" * 301):
        with pytest.raises(InvalidInput):
            start(staff, alice, reason)
    assert not Impersonation.objects.exists()
    start(staff, alice, REASON)


def test_the_cookie_alone_opens_nothing(stranger: Client, looking: Client, bob: User, alice: User) -> None:
    look = Impersonation.objects.get()
    stranger.cookies[COOKIE] = "1"
    session = stranger.session
    session["impersonation"] = str(look.pk)
    session.save()
    assert stranger.get("/settings/").status_code == 403
    assert "alice@example.com" not in stranger.get("/settings/").content.decode()
    assert Impersonation.objects.get().ended_at is None
    del looking.cookies[COOKIE]
    assert "alice@example.com" not in looking.get("/settings/").content.decode()


def test_a_program_of_the_helper_acts_for_the_helper(looking: Client, helper: User, alice: User) -> None:
    bearer = {"Authorization": f"Bearer {issue_key(helper, 'script').secret}"}
    assert accepted(looking.get("/api/auth/user", headers=bearer))["email"] == helper.email
    accepted(looking.patch("/api/auth/user", {"name": "Hel P."}, "application/json", headers=bearer))
    alice.refresh_from_db()
    assert alice.name == "Alice"


def test_a_browser_that_does_not_look_is_not_asked_about_it(browser: Client) -> None:
    cache.clear()
    response = Client().get("/api/billing/plans")
    assert "Cookie" not in response.get("Vary", "")


def test_no_secret_and_no_button_of_the_owner_is_shown(looking: Client, alice: User) -> None:
    issue_key(alice, "upload")
    for part in ("keys", "access", "data"):
        page = looking.get(f"/settings/{part}/").content.decode()
        assert [action for action in re.findall(r'action="([^"]+)"', page) if action.startswith("/settings/")] == []
    assert "kap_" in looking.get("/settings/keys/").content.decode()
