"""The pages of the settings: profile, keys and their secrets, with nothing of other people."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import ApiKey, User
from accounts.services import MOST_KEYS, issue_key
from kapture.core.ids import new_id

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
    ],
)
def test_wrong_wishes_are_refused_at_their_field(
    browser: Client, alice: User, form: dict[str, str], field: str
) -> None:
    response = browser.post("/settings/keys/", form)
    assert response.status_code == 422
    assert f'id="{field}_error"'.encode() in response.content
    assert not ApiKey.objects.filter(owner=alice).exists()


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
