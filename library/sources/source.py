"""What a room tells the library about its things, once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from library.items import Item
from library.specs import Kind


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing in the library.

    `rows` gives a user's rows and nobody else's. `at` is the time they are ordered by; an index on (owner, at desc, id
    desc) must stand behind it, for that is what keeps the list as quick with a million rows as with a thousand.
    `vector` is the tsvector of a row (config `kapture`), behind an index that begins with the owner. `substrings` are
    the columns that text without words is looked for in. `title` and `body` are shown with the hits of a search marked.
    `platform` is the column of that name, empty for things of no platform. `columns` are all that `item` reads.
    """

    kind: Kind
    rows: Callable[[Any], QuerySet[Any]]
    at: str
    vector: Any
    substrings: tuple[str, ...]
    title: str
    body: str
    columns: tuple[str, ...]
    item: Callable[[Any], Item]
    platform: str = ""
