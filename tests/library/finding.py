"""Asks the library as its faces do."""

from typing import Any

from accounts.models import User
from kapture.core.paging import PageRequest
from library.listing import Listing
from library.queries import browse
from library.specs import LibraryQuery


def find(user: User, q: str = "", page: PageRequest | None = None, **given: Any) -> Listing:
    """What a user finds."""
    return browse(user, LibraryQuery.read(q=q, **given), page or PageRequest())


def titles(listing: Listing) -> list[str]:
    """The titles on the page."""
    return [item.title for item in listing.page.rows]


def marks(listing: Listing) -> list[list[str]]:
    """The hits in each title."""
    return [[piece.text for piece in item.marked if piece.hit] for item in listing.page.rows]
