"""How a browser likes its pages is kept in its cookies."""

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.web.urls")


def test_a_choice_is_kept_and_shown_at_the_first_paint():
    client = Client()
    answer = client.post("/preferences/", {"theme": "dark", "sidebar": "collapsed", "next": "/said/"})
    assert answer.status_code == 302
    assert answer["Location"] == "/said/"
    assert client.cookies["theme"]["samesite"] == "Lax"
    assert client.cookies["theme"]["httponly"]
    text = client.get("/said/").content.decode()
    assert 'data-theme="dark"' in text
    assert 'data-sidebar="collapsed"' in text


def test_a_script_gets_no_page():
    answer = Client().post("/preferences/", {"theme": "light"}, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 204


def test_unknown_values_change_nothing():
    client = Client()
    client.post("/preferences/", {"theme": "<b>", "size": "huge"})
    assert not client.cookies
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get("/said/").content.decode()


@pytest.mark.parametrize(
    "address",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "trends/", "\n//evil"],
)
def test_the_way_back_never_leaves_the_site(address):
    client = Client()
    assert client.post("/preferences/", {"next": address})["Location"] == "/"
    assert client.post("/preferences/", {"next": "/trends/?q=a"})["Location"] == "/trends/?q=a"


def test_reading_does_not_write():
    assert Client().get("/preferences/").status_code == 405


def test_another_site_cannot_choose():
    client = Client(enforce_csrf_checks=True)
    assert client.post("/preferences/", {"theme": "dark"}).status_code == 403
