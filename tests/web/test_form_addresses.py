"""Addresses that only take forms are no dead ends: opened they explain themselves, and no sign-in ends there."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
FORM = "/settings/profile/"


def test_opening_one_shows_a_page_with_a_way_on(browser: Client) -> None:
    answer = browser.get(FORM)
    text = answer.content.decode()
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "This address is not a page" in text
    assert 'href="/"' in text
    assert "Content-Security-Policy" in answer


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://testserver/settings/?a=1", "%2Fsettings%2F%3Fa%3D1"),
        ("https://elsewhere.example/settings/", "%2F"),
        ("", "%2F"),
    ],
)
def test_who_must_sign_in_first_comes_back_to_the_page_of_the_button(client: Client, came_from: str, back: str) -> None:
    answer = client.post(FORM, headers={"Referer": came_from})
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={back}")


def test_who_opened_a_page_signed_out_comes_back_to_it(client: Client) -> None:
    assert client.get("/settings/")["Location"] == "/accounts/login/?next=/settings/"


def test_programs_get_the_answer_of_the_api(browser: Client) -> None:
    answer = browser.post("/api/health")
    assert answer.status_code == 405
    assert b"<html" not in answer.content
