"""The pages of the settings: profile, keys and their secrets, with nothing of other people."""

import re
import shutil
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import snippets
from accounts.models import ApiKey, User
from accounts.services import MOST_KEYS, issue_key
from kapture.core.ids import new_id
from kapture.jobs.models import Job

pytestmark = pytest.mark.django_db


def test_the_name_can_be_changed(browser: Client, alice: User) -> None:
    response = browser.post("/settings/profile/", {"name": "  Alice Liddell "}, follow=True)
    alice.refresh_from_db()
    assert alice.name == "Alice Liddell"
    assert b"Profile saved." in response.content


@pytest.mark.parametrize("name", ["a" * 151, "a\x00b"])
def test_a_wrong_name_is_refused_at_its_field(browser: Client, alice: User, name: str) -> None:
    response = browser.post("/settings/profile/", {"name": name})
    assert response.status_code == 422
    assert b'id="profile_name_error"' in response.content
    alice.refresh_from_db()
    assert alice.name == "Alice"


def test_other_fields_of_a_person_cannot_be_posted(browser: Client, alice: User) -> None:
    browser.post("/settings/profile/", {"name": "A", "is_staff": "on", "email": "x@example.com", "is_superuser": "1"})
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser, alice.email) == (False, False, "alice@example.com")


def test_a_new_key_is_shown_once_with_a_command_that_works(browser: Client, alice: User) -> None:
    response = browser.post("/settings/keys/", {"name": "upload", "scope": "read", "days": "30"})
    assert response.status_code == 201
    assert "no-store" in response["Cache-Control"]
    issued = response.context["issued"]
    assert issued.secret in response.content.decode()
    assert response.context["curl"] == (
        f'curl -H "Authorization: Bearer {issued.secret}" http://testserver/api/auth/user'
    )
    assert 'urllib.request.Request("http://testserver/api/auth/user")' in response.context["python"]
    program = Client(headers={"Authorization": f"Bearer {issued.secret}"})
    assert program.get("/api/auth/user").status_code == 200
    assert program.patch("/api/auth/user", {}, "application/json").status_code == 403
    days = (ApiKey.objects.get(owner=alice).expires_at - timezone.now()) / timedelta(days=1)
    assert 29.9 < days <= 30
    assert issued.secret not in browser.get("/settings/keys/").content.decode()


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "", "scope": "read", "days": "30"}, "key_name"),
        ({"name": "a" * 81, "scope": "read", "days": "30"}, "key_name"),
        ({"name": "a", "scope": "admin", "days": "30"}, "key_scope"),
        ({"name": "a", "scope": "read", "days": "31"}, "key_days"),
        ({"name": "a", "scope": "read"}, "key_days"),
        ({"name": "a", "scope": "read", "days": "30", "daily_cap": "-1"}, "key_daily_cap"),
        ({"name": "a", "scope": "read", "days": "30", "daily_cap": "1000001"}, "key_daily_cap"),
        ({"name": "a", "scope": "read", "days": "30", "daily_cap": "many"}, "key_daily_cap"),
    ],
)
def test_wrong_wishes_are_refused_at_their_field(
    browser: Client, alice: User, form: dict[str, str], field: str
) -> None:
    response = browser.post("/settings/keys/", form)
    assert response.status_code == 422
    assert f'id="{field}_error"'.encode() in response.content
    assert not ApiKey.objects.filter(owner=alice).exists()


@pytest.mark.parametrize("language", ["curl", "python"])
@pytest.mark.parametrize("is_dry_run", [False, True])
def test_what_is_copied_works_as_it_is(
    live_server: Any, plans: None, settings: Any, language: str, is_dry_run: bool
) -> None:
    if language == "curl" and shutil.which("curl") is None:
        pytest.skip("There is no curl on this machine.")
    settings.APIFY_API_TOKEN = "set"
    person = User.objects.create_user("carl@example.com")
    issued = issue_key(person, "copied", is_dry_run=is_dry_run)
    text = getattr(snippets, language)(issued.secret, live_server.url, is_dry_run=is_dry_run)
    command = ["bash", "-c", text] if language == "curl" else [sys.executable, "-c", text]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert ("dryRun" if is_dry_run else "carl@example.com") in done.stdout
    assert not Job.objects.exists()


def test_a_key_is_bounded_where_it_is_made_and_later(browser: Client, alice: User) -> None:
    wanted = {"name": "nightly", "scope": "write", "days": "0", "daily_cap": "40", "is_dry_run": "on"}
    page = browser.post("/settings/keys/", wanted).content.decode()
    assert "nothing is done" in page
    key = ApiKey.objects.get(owner=alice)
    assert (key.daily_cap, key.is_dry_run) == (40, True)
    page = browser.get("/settings/keys/").content.decode()
    assert "40 a day" in page
    assert "Dry run" in page
    path = f"/settings/keys/{key.pk}/"
    refused = browser.post(path, {"name": "", "daily_cap": "-1"})
    assert refused.status_code == 422
    for field in ("name", "daily_cap"):
        assert f'id="key_{key.pk}_{field}_error"' in refused.content.decode()
    assert browser.post(path, {"name": "weekly", "daily_cap": ""}).status_code == 302
    key.refresh_from_db()
    assert (key.name, key.daily_cap, key.is_dry_run) == ("weekly", None, True)


def test_one_key_too_many_is_refused_in_words(browser: Client, alice: User) -> None:
    for index in range(MOST_KEYS):
        issue_key(alice, f"key {index}")
    response = browser.post("/settings/keys/", {"name": "one more", "scope": "read", "days": "30"})
    assert response.status_code == 422
    assert f"You have {MOST_KEYS} keys".encode() in response.content


def test_revoking_ends_a_key_and_says_so(browser: Client, alice: User) -> None:
    issued = issue_key(alice, "old")
    response = browser.post(f"/settings/keys/{issued.key.pk}/delete/", follow=True)
    assert "“old” no longer works." in response.content.decode()
    assert Client(headers={"Authorization": f"Bearer {issued.secret}"}).get("/api/auth/user").status_code == 401


def test_keys_of_others_are_not_found_and_not_shown(browser: Client, bob: User) -> None:
    foreign = issue_key(bob, "bobs secret key").key
    for pk in (foreign.pk, new_id()):
        assert browser.post(f"/settings/keys/{pk}/delete/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.revoked_at is None
    assert b"bobs secret key" not in browser.get("/settings/keys/").content


def test_names_are_shown_as_text(browser: Client, alice: User) -> None:
    issue_key(alice, "<script>alert(1)</script>")
    browser.post("/settings/profile/", {"name": '"><img src=x onerror=alert(1)>'})
    for path in ("/settings/", "/settings/keys/"):
        page = browser.get(path).content
        assert b"<script>alert" not in page
        assert b"<img src=x" not in page


def test_more_keys_cost_no_more_queries(
    browser: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    issue_key(alice, "first")
    browser.get("/settings/keys/")
    with django_assert_num_queries(QUERIES):
        browser.get("/settings/keys/")
    for index in range(MOST_KEYS - 1):
        issue_key(alice, f"key {index}")
    with django_assert_num_queries(QUERIES):
        browser.get("/settings/keys/")


# Session and user, the keys, and what the frame of every page reads.
QUERIES = 9


def test_each_part_has_its_page_and_the_navigation_marks_it(browser: Client) -> None:
    for path in ("/settings/", *(f"/settings/{part}/" for part in ("sign-in", "notifications", "keys", "access"))):
        page = browser.get(path).content.decode()
        assert re.findall(r'<a href="([^"]+)" aria-current="page">', page) == [path]
