"""Pages by number and by cursor show the same rows once each."""

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import ApiKey, User
from kapture.core import paging
from kapture.core.errors import InvalidInput
from kapture.core.paging import PageRequest, paginate

ORDER = ("scope", "-name", "id")
# A whole place in this order, but for a character that PostgreSQL takes in no text.
NUL = "WyJyIiwiYVx1MDAwMGIiLCIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAiXQ"


@pytest.fixture
def keys(alice: User) -> None:
    ApiKey.objects.bulk_create(
        ApiKey(owner=alice, name=f"k{n % 7}", prefix="x", digest=make_password(None) + str(n), scope="rw"[n % 2])
        for n in range(45)
    )


def walk_cursor(limit: int) -> list[object]:
    seen: list[object] = []
    cursor = ""
    while True:
        page = paginate(ApiKey.objects.all(), ORDER, PageRequest(limit=limit, cursor=cursor))
        seen += [row.pk for row in page.rows]
        if page.next_cursor is None:
            return seen
        cursor = page.next_cursor


@pytest.mark.parametrize("limit", [1, 7, 45, 100])
def test_walking_by_cursor_and_by_page_sees_every_row_once_in_order(keys: None, limit: int) -> None:
    wanted = list(ApiKey.objects.order_by(*ORDER).values_list("pk", flat=True))
    assert walk_cursor(limit) == wanted
    pages = [paginate(ApiKey.objects.all(), ORDER, PageRequest(n + 1, limit)).rows for n in range(-(-45 // limit))]
    assert [row.pk for page in pages for row in page] == wanted


def test_a_page_past_the_end_is_empty(keys: None) -> None:
    page = paginate(ApiKey.objects.all(), ORDER, PageRequest(page=1000))
    assert (list(page.rows), page.total, page.total_pages, page.next, page.previous) == ([], 45, 3, None, 999)


def test_counting_stops_and_says_so(keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNT_LIMIT", 10)
    page = paginate(ApiKey.objects.all(), ORDER, PageRequest(limit=10))
    assert (page.total, page.exact, page.has_next) == (10, False, True)


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "WzEsMl0", "bnVsbA", "WyJhIiwiYiIsImMiXQ", "Wy4", "é", "WyJyIixudWxsLG51bGxd", NUL]
)
def test_a_cursor_of_somewhere_else_is_refused(keys: None, cursor: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        paginate(ApiKey.objects.all(), ORDER, PageRequest(cursor=cursor))
    assert list(refused.value.details) == ["cursor"]


@pytest.mark.parametrize(
    "query", [{"page": "0"}, {"page": "-1"}, {"limit": "101"}, {"limit": "1e3"}, {"page": "١"}, {"page": "9" * 400}]
)
def test_a_wrong_number_is_named(query: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        PageRequest.read(query)
    assert list(refused.value.details) == list(query)


def test_missing_numbers_have_defaults() -> None:
    assert PageRequest.read({"page": ""}) == PageRequest(1, 20, "")
