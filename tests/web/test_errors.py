"""Refusals of a page are pages, with their status and a way on."""

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.web.urls")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ("missing", 404, "We could not find that"),
        ("conflict", 409, "The board was saved elsewhere."),
        ("limit", 403, "Open cached posts."),
        ("invalid", 400, "Keywords: At most 10."),
        ("bug", 500, "Something went wrong on our side"),
        ("database", 503, "The database did not answer in time."),
    ],
)
def test_a_refusal_is_a_page_with_its_status(client, how, status, words):
    answer = client.get(f"/fail/{how}/")
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "<h1>" in answer.content.decode()


def test_htmx_gets_a_panel_for_the_alert_region(client):
    answer = client.get("/fail/limit/", headers=HTMX)
    assert answer.status_code == 403
    assert answer["HX-Retarget"] == "#alerts"
    assert "<html" not in answer.content.decode()
    assert "/usage/plans/" in answer.content.decode()


def test_a_page_tells_when_to_come_back(client):
    answer = client.get("/fail/slow/")
    assert answer["Retry-After"] == "30"
    assert "Try again in 30 seconds." in answer.content.decode()


def test_somebody_who_must_sign_in_is_sent_there_and_back(client):
    assert client.get("/fail/login/?a=1")["Location"] == "/accounts/login/?next=%2Ffail%2Flogin%2F%3Fa%3D1"
    assert client.get("/fail/login/", headers=HTMX)["HX-Redirect"].startswith("/accounts/login/")


def test_a_failure_of_ours_says_nothing_of_its_cause(client):
    text = client.get("/fail/bug/").content.decode()
    assert "secret detail" not in text
    assert "RuntimeError" not in text


def test_the_api_is_left_to_its_own_handler(client):
    assert client.get("/api/fail/missing").status_code == 500


def test_an_error_quotes_the_request(client):
    answer = client.get("/fail/conflict/", headers={"X-Request-Id": "abcdef0123456789"})
    assert "abcdef0123456789" in answer.content.decode()


def test_words_of_an_error_are_text(client):
    text = client.get("/fail/markup/").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_an_unknown_address_is_a_page(client):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.content.decode()


def test_toasts_travel_in_a_header_for_htmx(client):
    answer = client.get("/say/", headers=HTMX)
    assert json.loads(answer["HX-Trigger"]) == {
        "toast": {"text": "3 trends deleted", "level": "ok", "undo": {"url": "/undo/", "label": "Undo"}}
    }


@pytest.mark.django_db
def test_toasts_wait_for_the_next_page_otherwise(client):
    client.get("/say/")
    text = client.get("/said/").content.decode()
    assert "3 trends deleted" in text
    assert 'action="/undo/"' in text


@pytest.mark.django_db
def test_a_toast_survives_a_redirect_by_htmx(client):
    answer = client.get("/leave/", headers=HTMX)
    assert answer["HX-Redirect"] == "/said/"
    assert "HX-Trigger" not in answer
    assert "Saved" in client.get("/said/").content.decode()


def test_only_the_admin_may_evaluate_and_style(client):
    strict = client.get("/said/")["Content-Security-Policy"]
    relaxed = client.get("/admin/")["Content-Security-Policy"]
    assert "unsafe" not in strict
    assert "'unsafe-eval'" in relaxed
    assert "style-src 'self' 'unsafe-inline'" in relaxed
