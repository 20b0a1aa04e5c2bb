"""Every answer can be quoted."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_plain_id_of_the_caller_is_kept(client: Client) -> None:
    assert client.get("/api/health", headers={"X-Request-Id": "abcd-1234"})["X-Request-Id"] == "abcd-1234"


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a b c d e f g", "äöüäöüäöü"])
def test_anything_else_is_replaced(client: Client, given: str) -> None:
    answered = client.get("/api/health", headers={"X-Request-Id": given})["X-Request-Id"]
    assert answered != given
    assert len(answered) == 32
