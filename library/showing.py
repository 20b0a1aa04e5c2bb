"""From keys to what is shown of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from library.highlights import Piece, mark, pieces
from library.items import Item
from library.matching import extract
from library.sources import SOURCES
from library.sources.source import Source
from library.terms import Terms

Key = tuple[str, UUID, datetime, int]
# So many characters tell whether an extract begins or ends where its text does.
EDGE = 12


def show(user: Any, keys: Sequence[Key], terms: Terms | None) -> list[Item]:
    """The items of these keys in their order, with the hits of a search marked; one read for each kind among them.

    What was deleted since the keys were read is left out.
    """
    wanted: dict[str, list[UUID]] = defaultdict(list)
    for kind, pk, *_ in keys:
        wanted[kind].append(pk)
    items = {
        item.id: item for source in SOURCES if source.kind in wanted for item in _read(source, user, wanted, terms)
    }
    return [items[pk] for _, pk, *_ in keys if pk in items]


def _read(source: Source, user: Any, wanted: dict[str, list[UUID]], terms: Terms | None) -> list[Item]:
    rows = source.rows(user).filter(pk__in=wanted[source.kind]).only("id", *source.columns).order_by()
    if terms is None:
        return [source.item(row) for row in rows]
    if terms.pieces:
        return [_mark(source, row, terms) for row in rows]
    marked = rows.annotate(
        marked_title=extract(source.title, terms, whole=True), marked_body=extract(source.body, terms)
    )
    return [
        _with_hits(source.item(row), pieces(row.marked_title), _cut(pieces(row.marked_body), getattr(row, source.body)))
        for row in marked
    ]


def _mark(source: Source, row: Any, terms: Terms) -> Item:
    item = source.item(row)
    body = mark(getattr(row, source.body), terms.pieces)
    return _with_hits(item, mark(item.title, terms.pieces, whole=True), body)


def _cut(found: tuple[Piece, ...], text: str) -> tuple[Piece, ...]:
    """An extract with dots where the text goes on; PostgreSQL sets them between fragments only."""
    plain = "".join(piece.text for piece in found).strip()
    before = () if text.lstrip().startswith(plain[:EDGE]) else (Piece("… "),)
    after = () if text.rstrip().endswith(plain[-EDGE:]) else (Piece(" …"),)
    return (*before, *found, *after)


def _with_hits(item: Item, title: tuple[Piece, ...], body: tuple[Piece, ...]) -> Item:
    """The item with its hits; a title that the room made up from other columns is shown plain."""
    same = "".join(piece.text for piece in title) == item.title
    return replace(
        item,
        marked=title if same else (Piece(item.title),),
        extract=body if any(piece.hit for piece in body) else (),
    )
