"""What was made for one person is kept by nobody."""

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/trends/", "/settings/", "/live/", "/library/suggest/?q=a", "/nowhere/", "/api/no"]
)
def test_no_answer_is_stored_on_its_way(browser: Client, path: str) -> None:
    assert "no-store" in browser.get(path)["Cache-Control"]


@pytest.mark.django_db
def test_a_view_may_say_otherwise(client: Client) -> None:
    assert client.get("/api/schema")["Cache-Control"] == "public, max-age=300"
