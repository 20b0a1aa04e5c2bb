"""What a search may show, and what it may cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from kapture.core.choices import Platform
from kapture.core.paging import PageRequest
from library.queries import suggest
from tests.library.finding import find, titles
from tests.library.things import NOW, board, download, minutes_ago, trend


def test_nobody_sees_things_of_others_in_lists_counts_or_suggestions(alice: User, bob: User) -> None:
    trend(bob, "Secret kite", platform=Platform.X)
    download(bob, "Secret kite", platform=Platform.X)
    board(bob, "Secret kite", body_text="Secret kite")

    for found in (find(alice), find(alice, "kite"), find(alice, "secret kite", sort="newest"), find(alice, "%")):
        assert titles(found) == []
        assert found.page.total == 0
        assert str(found.facets.everything) == "0"
    assert suggest(alice, "secret") == []
    assert len(suggest(bob, "secret")) == 3


def test_a_cursor_of_somebody_else_shows_own_things_only(alice: User, bob: User) -> None:
    for number in range(3):
        trend(bob, f"Bob's {number}", scraped_at=minutes_ago(number))
        trend(alice, f"Alice's {number}", scraped_at=minutes_ago(number + 0.5))
    cursor = find(bob, page=PageRequest(limit=1)).page.next_cursor or ""

    assert titles(find(alice, page=PageRequest(cursor=cursor))) == ["Alice's 0", "Alice's 1", "Alice's 2"]


def statements(user: User, q: str, sort: str = "") -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        find(user, q, PageRequest(limit=100), sort=sort)
    return len(seen)


@pytest.mark.parametrize(
    ("q", "sort", "expected"), [("", "", 5), ("kite", "best", 5), ("kite", "newest", 5), ("凧", "", 5), ("🪁", "", 6)]
)
def test_ten_things_and_a_hundred_take_the_same_statements(alice: User, q: str, sort: str, expected: int) -> None:
    def more(count: int) -> None:
        for number in range(count):
            trend(alice, f"kite 凧 🪁 {number}", scraped_at=NOW - timedelta(seconds=number))
            download(alice, f"kite 凧 🪁 {number}")
            board(alice, f"kite 凧 🪁 {number}", body_text="kite 凧")

    more(4)
    few = statements(alice, q, sort)
    more(30)

    assert statements(alice, q, sort) == few == expected


def test_a_suggestion_takes_a_statement_for_the_keys_and_one_for_each_type(alice: User) -> None:
    trend(alice, "kite")
    board(alice, "kite")
    with CaptureQueriesContext(connection) as seen:
        suggest(alice, "kit")
    assert len(seen) == 3


def test_titles_come_first_and_there_are_few(alice: User) -> None:
    for number in range(12):
        trend(alice, f"Other {number}", text="about kites")
    board(alice, "Kites to build", edited_at=minutes_ago(999))

    found = suggest(alice, "kit")

    assert found[0].title == "Kites to build"
    assert len(found) == 8


def test_nothing_typed_suggests_nothing(alice: User) -> None:
    trend(alice)
    assert suggest(alice, "  ") == ()
