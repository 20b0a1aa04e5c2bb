"""`page`, `limit` and `cursor`: bounded, complete, and the same rows whichever way one walks."""

import base64
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import ApiKey, User
from kapture.core.paging import COUNT_LIMIT, PageRequest, count, paginate
from tests.api.answers import accepted, refused

URL = "/api/auth/keys"
START = datetime(2026, 1, 1, tzinfo=UTC)


def fill(owner: User, number: int) -> None:
    """Keys, several of them made in the same second, so that only the id tells them apart."""
    rows = [ApiKey(owner=owner, name=f"key {index}", prefix="x", digest=f"{index:064}") for index in range(number)]
    ApiKey.objects.bulk_create(rows)
    for row in rows:
        row.created_at = START + timedelta(seconds=int(row.name[4:]) // 4)
    ApiKey.objects.bulk_update(rows, ["created_at"])


def ids(response: HttpResponse) -> list[str]:
    return [row["id"] for row in accepted(response)]


def walk_by_cursor(client: Client, limit: int) -> list[str]:
    seen: list[str] = []
    cursor = None
    while True:
        response = client.get(URL, {"limit": limit} | ({"cursor": cursor} if cursor else {}))
        seen += ids(response)
        cursor = response.json()["meta"]["pagination"]["nextCursor"]
        if cursor is None:
            return seen


def walk_by_page(client: Client, limit: int) -> list[str]:
    seen: list[str] = []
    for page in range(1, 100):
        rows = ids(client.get(URL, {"limit": limit, "page": page}))
        if not rows:
            return seen
        seen += rows
    raise AssertionError("the walk does not end")


def test_a_page_says_where_it_stands(browser: Client, alice: User) -> None:
    fill(alice, 45)
    response = browser.get(URL)
    assert len(accepted(response)) == 20
    meta = response.json()["meta"]["pagination"]
    assert isinstance(meta.pop("nextCursor"), str)
    assert meta == {"page": 1, "limit": 20, "total": 45, "totalIsExact": True, "totalPages": 3}


@pytest.mark.parametrize("limit", [1, 7, 20, 44, 45, 46, 100])
def test_the_cursor_walk_is_the_page_walk(browser: Client, alice: User, limit: int) -> None:
    fill(alice, 45)
    by_cursor = walk_by_cursor(browser, limit)
    assert by_cursor == walk_by_page(browser, limit)
    assert len(set(by_cursor)) == 45


def test_rows_that_come_meanwhile_neither_repeat_nor_hide_others(browser: Client, alice: User) -> None:
    fill(alice, 10)
    first = browser.get(URL, {"limit": 5})
    ApiKey.objects.create(owner=alice, name="new", prefix="x", digest="f" * 64)
    rest = browser.get(URL, {"limit": 10, "cursor": first.json()["meta"]["pagination"]["nextCursor"]})
    assert len({*ids(first), *ids(rest)}) == 10


def test_a_cursor_stays_good_when_its_row_is_gone(browser: Client, alice: User) -> None:
    fill(alice, 10)
    first = browser.get(URL, {"limit": 5})
    ApiKey.objects.filter(pk=ids(first)[-1]).delete()
    rest = browser.get(URL, {"limit": 10, "cursor": first.json()["meta"]["pagination"]["nextCursor"]})
    assert len(ids(rest)) == 5


def test_a_page_past_the_end_is_empty(browser: Client, alice: User) -> None:
    fill(alice, 3)
    for page in (2, 1_000_000):
        response = browser.get(URL, {"page": page})
        assert accepted(response) == []
        assert response.json()["meta"]["pagination"]["nextCursor"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"),
        ("page", "-1"),
        ("page", "1000000001"),
        ("page", "9" * 400),
        ("page", "1.0"),
        ("page", "1e3"),
        ("page", "x"),
        ("page", " 1"),
        ("page", "١"),
        ("page", "\x00"),
        ("limit", "0"),
        ("limit", "-5"),
        ("limit", "101"),
        ("limit", "1000000000"),
        ("limit", "true"),
        ("cursor", "x"),
        ("cursor", "=" * 50),
        ("cursor", "é"),
        ("cursor", "\x00"),
        ("cursor", base64.urlsafe_b64encode(b"[]").decode()),
        ("cursor", base64.urlsafe_b64encode(b'["2026-01-01T00:00:00Z", null]').decode()),
        ("cursor", base64.urlsafe_b64encode(b'[{"a": 1}, [2]]').decode()),
        ("cursor", base64.urlsafe_b64encode(b'["2026-01-01T00:00:00Z", "not a uuid"]').decode()),
        ("cursor", base64.urlsafe_b64encode(b'["99999-01-01", "01a1fbc3-755a-76ec-88e1-bdacc3167605"]').decode()),
        (
            "cursor",
            base64.urlsafe_b64encode(b'["2026-01-01T00:00:00", "01a1fbc3-755a-76ec-88e1-bdacc3167605"]').decode(),
        ),
        ("cursor", base64.urlsafe_b64encode(b"[" * 2000).decode()),
    ],
)
def test_a_wrong_value_is_400_and_named(browser: Client, alice: User, name: str, value: str) -> None:
    fill(alice, 3)
    error = refused(browser.get(URL, {name: value}), 400, "VALIDATION_ERROR")
    assert list(error["details"]) == [name]


def test_a_cursor_shows_nothing_of_somebody_else(browser: Client, stranger: Client, alice: User, bob: User) -> None:
    fill(alice, 10)
    cursor = browser.get(URL, {"limit": 2}).json()["meta"]["pagination"]["nextCursor"]
    assert accepted(stranger.get(URL, {"cursor": cursor})) == []


def test_an_old_moment_in_a_cursor_is_no_error(browser: Client, alice: User) -> None:
    fill(alice, 2)
    for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        values = orjson.dumps([moment, "01a1fbc3-755a-76ec-88e1-bdacc3167605"])
        cursor = base64.urlsafe_b64encode(values).decode().rstrip("=")
        accepted(browser.get(URL, {"cursor": cursor}))


def test_a_longer_list_costs_no_more_queries(
    browser: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill(alice, 10)
    browser.get(URL)
    with django_assert_num_queries(4):  # session, user, count, rows
        browser.get(URL, {"limit": 100})
    fill_more = [ApiKey(owner=alice, name=f"k {i}", prefix="x", digest=f"more{i:060}") for i in range(90)]
    ApiKey.objects.bulk_create(fill_more)
    with django_assert_num_queries(4):
        assert len(accepted(browser.get(URL, {"limit": 100}))) == 100


def test_counting_stops_where_it_tells_nothing_more(alice: User) -> None:
    ApiKey.objects.bulk_create(
        [ApiKey(owner=alice, name="k", prefix="x", digest=f"{index:064}") for index in range(COUNT_LIMIT + 5)]
    )
    rows = ApiKey.objects.for_user(alice)
    assert count(rows) == (COUNT_LIMIT, False)
    page = paginate(rows, ("-created_at", "-id"), PageRequest(page=COUNT_LIMIT // 100 + 1, limit=100))
    assert (len(page.rows), page.exact, page.next_cursor) == (5, False, None)
