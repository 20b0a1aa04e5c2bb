"""`/api/library` and `/api/library/search`."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from kapture.core.choices import Platform
from library.serializers import FoundItemSerializer, ItemSerializer
from tests.library.things import board, download, minutes_ago, trend

LIST, SEARCH = "/api/library", "/api/library/search"


def answer(client: Client, path: str, **query: Any) -> dict[str, Any]:
    response = client.get(path, query)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    assert body["success"] is True
    return body


def refusal(client: Client, path: str, status: int = 400, **query: Any) -> dict[str, Any]:
    response = client.get(path, query)
    assert response.status_code == status, response.content
    body = response.json()
    assert (body["success"], body["data"]) == (False, None)
    error: dict[str, Any] = body["error"]
    return error


def test_the_list_has_every_kind_in_one_shape(api: Client, alice: User) -> None:
    trend(alice, "Kite", views=1200, multiple=3.5, author_name="Ana", duration_s=61, scraped_at=minutes_ago(1))
    download(alice, "Clip", size=None, created_at=minutes_ago(2))
    board(alice, "Plan", description="What to do", edited_at=minutes_ago(3))

    body = answer(api, LIST)

    assert [(item["type"], item["title"]) for item in body["data"]] == [
        ("trend", "Kite"), ("download", "Clip"), ("board", "Plan"),
    ]  # fmt: skip
    first, second, third = body["data"]
    assert (first["views"], first["multiple"], first["author"], first["duration"]) == (1200, 3.5, "Ana", 61)
    assert first["at"].endswith("Z")
    assert first["pageUrl"].startswith("/trends/")
    assert second["platform"] is None
    assert third["text"] == "What to do"
    assert body["meta"]["pagination"]["total"] == 3
    assert body["meta"]["facets"]["type"]["board"] == {"count": 1, "exact": True}


def test_answers_have_exactly_the_fields_of_the_schema(api: Client, alice: User) -> None:
    trend(alice, "Kite")

    assert set(answer(api, LIST)["data"][0]) == set(ItemSerializer().get_fields())
    assert set(answer(api, SEARCH, q="kite")["data"][0]) == set(FoundItemSerializer().get_fields())


def test_a_search_tells_hits_and_how_it_was_read(api: Client, alice: User) -> None:
    trend(alice, "A red kite", text="The kite flies.")

    body = answer(api, SEARCH, q="kite")

    assert body["data"][0]["markedTitle"] == [{"text": "A red ", "hit": False}, {"text": "kite", "hit": True}]
    assert {"text": "kite", "hit": True} in body["data"][0]["extract"]
    assert body["meta"]["search"] == {"understoodAs": "“kite…”", "limits": None}


def test_filters_take_one_type_and_several_platforms(api: Client, alice: User) -> None:
    trend(alice, "Tube", platform=Platform.YOUTUBE)
    trend(alice, "Tok", platform=Platform.TIKTOK)
    trend(alice, "Post", platform=Platform.X)
    download(alice, "Clip", platform=Platform.X)

    body = answer(api, LIST, type="trend", platform="tiktok,x")

    assert {item["title"] for item in body["data"]} == {"Tok", "Post"}
    assert body["meta"]["facets"]["platform"]["youtube"] == {"count": 1, "exact": True}
    assert body["meta"]["facets"]["type"]["download"] == {"count": 1, "exact": True}


@pytest.mark.parametrize("path", [LIST, f"{SEARCH}?q=kite", f"{SEARCH}?q=kite&sort=newest"])
def test_cursors_lead_through_all_pages(api: Client, alice: User, path: str) -> None:
    for number in range(5):
        trend(alice, f"kite {number}")
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        joint = "&" if "?" in path else "?"
        body = answer(api, path + joint + "&".join(f"{name}={value}" for name, value in query.items()))
        seen += [item["title"] for item in body["data"]]
        following = body["meta"]["pagination"]["nextCursor"]
        if following is None:
            break
        query["cursor"] = following

    assert sorted(seen) == [f"kite {number}" for number in range(5)]


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        (LIST, {"type": "user"}, "type"),
        (LIST, {"platform": "myspace"}, "platform"),
        (LIST, {"platform": "x,myspace"}, "platform"),
        (LIST, {"limit": "101"}, "limit"),
        (LIST, {"limit": "0"}, "limit"),
        (LIST, {"page": "-1"}, "page"),
        (LIST, {"page": "1000001"}, "page"),
        (LIST, {"cursor": "nonsense"}, "cursor"),
        (LIST, {"cursor": "WzEwXQ"}, "cursor"),
        (LIST, {"cursor": "x" * 5_000}, "cursor"),
        (LIST, {"owner": "bob"}, "owner"),
        (LIST, {"owner__password__startswith": "a"}, "owner__password__startswith"),
        (SEARCH, {}, "q"),
        (SEARCH, {"q": ""}, "q"),
        (SEARCH, {"q": "a\0b"}, "q"),
        (SEARCH, {"q": "x" * 301}, "q"),
        (SEARCH, {"q": "word " * 1_000}, "q"),
        (SEARCH, {"q": "kite", "sort": "owner"}, "sort"),
    ],
)
def test_bad_input_is_refused_by_field(api: Client, alice: User, path: str, query: dict[str, str], field: str) -> None:
    error = refusal(api, path, 400, **query)
    assert error["code"] == "VALIDATION_ERROR"
    assert list(error["details"]) == [field]


def test_a_page_past_the_end_is_empty(api: Client, alice: User) -> None:
    trend(alice)
    assert answer(api, LIST, page=7)["data"] == []
    assert answer(api, LIST, page=1_000_000)["data"] == []


def test_strangers_and_nobody_get_nothing(alice: User, bob: User, api_for: Callable[[User], Client]) -> None:
    trend(alice, "Secret kite")

    assert answer(api_for(bob), LIST)["data"] == []
    assert answer(api_for(bob), SEARCH, q="secret")["data"] == []
    assert answer(api_for(bob), SEARCH, q="secret")["meta"]["facets"]["type"]["trend"]["count"] == 0
    for path in (LIST, f"{SEARCH}?q=secret"):
        assert refusal(Client(), path, 401)["code"] == "UNAUTHORIZED"
        assert api_for(bob).post(path).status_code == 405
