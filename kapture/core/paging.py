"""Pages of a list, by number or by cursor, for the API and the HTML pages alike."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.timezone import is_naive

from kapture.core.errors import InvalidInput

MAX_LIMIT = 100
MAX_PAGE = 1_000_000
# Counting further than this costs more than it tells; lists say so when they stop (`exact` is false).
COUNT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is wanted: `page` from 1, `limit` rows, or the rows after `cursor`."""

    page: int = 1
    limit: int = 20
    cursor: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str], default_limit: int = 20) -> "PageRequest":
        """Read `page`, `limit` and `cursor`; raises `InvalidInput` naming what is wrong."""
        page = _number(query, "page", 1, MAX_PAGE)
        limit = _number(query, "limit", default_limit, MAX_LIMIT)
        return cls(page, limit, query.get("cursor", ""))


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and 1 <= int(text) <= most):
        raise InvalidInput({name: [f"A whole number from 1 to {most:,}."]})
    return int(text)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list. `total` is exact up to `COUNT_LIMIT`; beyond it `exact` is false."""

    rows: Sequence[Any]
    number: int
    limit: int
    total: int
    exact: bool
    next_cursor: str | None

    @property
    def total_pages(self) -> int:
        """How many pages `total` makes."""
        return -(-self.total // self.limit)

    @property
    def has_next(self) -> bool:
        """Whether rows follow."""
        return self.next_cursor is not None

    @property
    def first(self) -> int:
        """Place of the first row in the whole list, from 1."""
        return (self.number - 1) * self.limit + 1

    @property
    def last(self) -> int:
        """Place of the last row in the whole list."""
        return self.first + len(self.rows) - 1

    @property
    def previous(self) -> int | None:
        """Number of the page before, if any."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """Number of the page after, if any."""
        return self.number + 1 if self.has_next else None


def count(rows: QuerySet[Any]) -> tuple[int, bool]:
    """How many rows there are, counted no further than `COUNT_LIMIT`, and whether that is all."""
    found = rows.order_by().values("pk")[: COUNT_LIMIT + 1].count()
    return min(found, COUNT_LIMIT), found <= COUNT_LIMIT


def paginate(
    rows: QuerySet[Any], ordering: Sequence[str], wanted: PageRequest, total: tuple[int, bool] | None = None
) -> Page:
    """The wanted part of `rows` under a total `ordering` (its last field must be unique, none may be null)."""
    found, exact = total if total is not None else count(rows)
    ordered = rows.order_by(*ordering)
    if wanted.cursor:
        window = list(ordered.filter(_after(rows, ordering, wanted.cursor))[: wanted.limit + 1])
    else:
        start = (wanted.page - 1) * wanted.limit
        window = [] if exact and start >= found else list(ordered[start : start + wanted.limit + 1])
    shown = window[: wanted.limit]
    more = len(window) > wanted.limit
    return Page(shown, wanted.page, wanted.limit, found, exact, _cursor(shown[-1], ordering) if more else None)


def _value(row: Any, field: str) -> Any:
    return row[field] if isinstance(row, dict) else getattr(row, field)


def _cursor(row: Any, ordering: Sequence[str]) -> str:
    values = [_value(row, name.lstrip("-")) for name in ordering]
    return base64.urlsafe_b64encode(orjson.dumps(values, default=str)).decode().rstrip("=")


def _is_no_place(value: object) -> bool:
    """Whether nothing can be ordered behind a value: none, a time without a zone, or text no column can hold."""
    if isinstance(value, str):
        return "\0" in value
    return value is None or (isinstance(value, datetime) and is_naive(value))


def _after(rows: QuerySet[Any], ordering: Sequence[str], cursor: str) -> Q:
    """Rows behind the cursor: for (a, b) it reads `a <= x AND (a < x OR (a = x AND b < y))`, whose first half lets an
    index on (a, b) start in the right place.
    """
    bad = InvalidInput({"cursor": ["This cursor does not belong to this list."]})
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(ordering):
            raise bad
        fields = [rows.model._meta.get_field(name.lstrip("-")) for name in ordering]
        clean = [field.to_python(value) for field, value in zip(fields, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError) as error:
        raise bad from error
    if any(map(_is_no_place, clean)):
        raise bad
    behind = Q()
    for name, value in reversed(list(zip(ordering, clean, strict=True))):
        field, step = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        inner = Q(**{f"{field}__{step}": value})
        behind = inner | (Q(**{field: value}) & behind) if behind else inner
    first = ordering[0]
    edge = "lte" if first.startswith("-") else "gte"
    return Q(**{f"{first.lstrip('-')}__{edge}": clean[0]}) & behind
