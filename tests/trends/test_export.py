"""The list as a file: what is in it, what a spreadsheet must not do with it, and what it costs."""

import csv
import tracemalloc
from io import StringIO
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from tests.trends.conftest import Capture, make_post
from tests.trends.test_api import same_shape
from trends import exporting_rows, keeping, shelves
from trends.exporting_rows import CELLS, cell
from trends.models import Trend
from trends.serializers import TrendDetailSerializer

pytestmark = pytest.mark.django_db
FACES = pytest.mark.parametrize("path", ["/trends/export/", "/api/trends/export"])


def body_of(client: Client, address: str) -> tuple[Any, bytes]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.streaming
    return answer, b"".join(answer.streaming_content)


def table(body: bytes) -> list[dict[str, str]]:
    assert body.startswith("\ufeff".encode())
    return list(csv.DictReader(StringIO(body.decode("utf-8-sig"))))


@pytest.fixture
def client_of(browser: Client, api: Client) -> dict[str, Client]:
    return {"/trends/export/": browser, "/api/trends/export": api}


@FACES
def test_a_spreadsheet_gets_all_that_the_filter_finds_in_order(
    alice: User, bob: User, client_of: dict[str, Client], capture: Capture, path: str
) -> None:
    capture(alice, *(make_post(title=f"Lamp {n}", views=n, hashtags=("a", "b")) for n in (3, 1, 2)))
    capture(
        alice, make_post(title="Desk", author_name="Oak", author_handle="oak"), make_post(title="Lamp in the trash")
    )
    capture(bob, make_post(title="Lamp of somebody else"))
    keeping.delete_trends(alice, [Trend.objects.get(title="Lamp in the trash").pk])
    keeping.tag_trends(alice, [Trend.objects.get(title="Lamp 1").pk], add=["b-roll", "to do"])
    keeping.move_trends(alice, [Trend.objects.get(title="Lamp 1").pk], "Lights")

    answer, body = body_of(client_of[path], f"{path}?q=lamp&sort=views&format=csv")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="trends-20')
    rows = table(body)
    assert list(rows[0]) == list(CELLS)
    assert [row["Title"] for row in rows] == ["Lamp 1", "Lamp 2", "Lamp 3"]
    assert (rows[0]["Tags"], rows[0]["Category"], rows[0]["Hashtags"]) == ("#b-roll #“to do”", "Lights", "#a #b")
    assert rows[0]["Last look"].endswith("Z")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_is_a_formula(alice: User, browser: Client, capture: Capture, first: str) -> None:
    evil = f"{first}cmd|'/C calc'!A0"
    capture(alice, make_post(title=evil, text=evil, author_name=evil, community=evil))
    Trend.objects.update(title=evil, text=evil, author_name=evil, community=evil, language=first)
    shelf = shelves.add_category(alice, f"={first.strip()}1")
    Trend.objects.update(category=shelf, tags=[f"{first}x"])

    row = table(body_of(browser, "/trends/export/")[1])[0]

    assert {row[name] for name in ("Title", "Text", "Author", "Community")} == {f"'{evil}"}
    assert row["Category"].startswith("'=")
    assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())
    assert cell(-5) == -5


@FACES
def test_a_program_gets_what_the_list_tells(
    alice: User, client_of: dict[str, Client], capture: Capture, path: str
) -> None:
    capture(alice, *(make_post(text="word " * 200) for _ in range(3)))
    answer, body = body_of(client_of[path], f"{path}?format=json")
    assert answer["Content-Type"] == "application/json"
    parsed = orjson.loads(body)
    rows = parsed["data"] if path.startswith("/api") else parsed
    assert len(rows) == 3
    assert all(same_shape(row, TrendDetailSerializer()) for row in rows)
    assert len(rows[0]["text"]) == 1_000


@FACES
def test_nothing_found_is_a_file_all_the_same(client_of: dict[str, Client], path: str) -> None:
    assert table(body_of(client_of[path], f"{path}?format=csv")[1]) == []
    parsed = orjson.loads(body_of(client_of[path], f"{path}?format=json")[1])
    assert (parsed["data"] if path.startswith("/api") else parsed) == []


@pytest.mark.parametrize("query", ["format=xlsx", "platform=vimeo", "tag=" + "x" * 60, "category=5", "watch=x", "a=b"])
def test_the_api_refuses_what_makes_no_sense(api: Client, query: str) -> None:
    answer = api.get(f"/api/trends/export?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


def test_the_page_passes_over_what_makes_no_sense(alice: User, browser: Client, capture: Capture) -> None:
    capture(alice, make_post())
    assert len(table(body_of(browser, "/trends/export/?format=xlsx&platform=vimeo&sort=x")[1])) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_three_times_the_rows_need_no_more_memory(
    alice: User, browser: Client, capture: Capture, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(exporting_rows, "CHUNK", 200)
    capture(alice, make_post(text="Lamps and desks"))
    measured: list[tuple[int, int]] = []
    for _ in range(2):
        multiply(alice, 500 if not measured else 1_500)
        answer = browser.get(f"/trends/export/?format={kind}")
        tracemalloc.start()
        size = sum(len(piece) for piece in answer.streaming_content)
        measured.append((size, tracemalloc.get_traced_memory()[1]))
        tracemalloc.stop()
    (small, before), (large, after) = measured
    assert large > 3 * small
    assert after < 1.3 * before


def multiply(owner: User, many: int) -> None:
    """Make copies of somebody's one trend."""
    fixed = {"id", "external_id", "search"}
    columns = [field.column for field in Trend._meta.concrete_fields if field.column not in fixed]
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO trends_trend (id, external_id, {names}) "
            f"SELECT gen_random_uuid(), 'copy' || %s::text || '-' || n, {names} "
            "FROM trends_trend, generate_series(1, %s) AS n "
            "WHERE owner_id = %s AND external_id NOT LIKE 'copy%%'",
            [many, many, owner.pk],
        )
