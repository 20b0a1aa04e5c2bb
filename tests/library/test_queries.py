"""The list and the search over everything somebody has."""

from typing import Any

import pytest

from accounts.models import User
from kapture.core.choices import Platform
from kapture.core.errors import InvalidInput
from kapture.core.paging import PageRequest
from library import queries
from library.items import Item
from library.listing import Listing
from library.queries import browse, suggest
from library.specs import Kind, LibraryQuery, Sort
from tests.library.things import board, download, minutes_ago, trend


def find(user: User, q: str = "", page: PageRequest | None = None, **given: Any) -> Listing:
    return browse(user, LibraryQuery.read(q=q, **given), page or PageRequest())


def titles(listing: Listing) -> list[str]:
    return [item.title for item in listing.page.rows]


def test_it_shows_things_of_all_rooms_newest_first(alice: User) -> None:
    trend(alice, "Second", scraped_at=minutes_ago(2))
    download(alice, "First", created_at=minutes_ago(1))
    board(alice, "Third", edited_at=minutes_ago(3))

    found = find(alice)

    assert titles(found) == ["First", "Second", "Third"]
    assert [item.kind for item in found.page.rows] == [Kind.DOWNLOAD, Kind.TREND, Kind.BOARD]
