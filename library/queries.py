"""Reads of the library.

A list is made in two steps. First the keys of the wanted items: each source gives its own next ones by its own index,
and a UNION ALL of these few is ordered and cut. Then one read for each kind on the page fetches what is shown. So no
step touches more wide rows than a page has, and the cost does not grow with what somebody has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, IntegerField, Q, QuerySet, Subquery, Value

from kapture.core.errors import InvalidInput
from kapture.core.paging import COUNT_LIMIT, Page, PageRequest
from library.asking import SCANNED, Asked, sorted_apart
from library.counting import count_facets
from library.cursors import After, Skip, decode
from library.items import Item
from library.listing import Count, Facets, Listing
from library.matching import rank
from library.showing import Key, show
from library.sources import SOURCES
from library.sources.source import Source
from library.specs import Kind, LibraryQuery, Sort

# The best matches are the best of this many of each kind, the newest that match.
CANDIDATES = 400


@dataclass(frozen=True, slots=True)
class Place:
    """The part of an order that is wanted: items `start` to `end` behind `after`."""

    start: int
    end: int
    after: After | None = None


def browse(user: Any, query: LibraryQuery, wanted: PageRequest) -> Listing:
    """A page of a user's items with counts by kind and platform."""
    asked = Asked.of(user, query)
    place = _place(asked, wanted)
    facets, reading = count_facets(asked)
    total = facets.total(query)
    keys, following = _keys(asked, place, facets) if _reaches(place, total) else ([], None)
    page = Page(show(user, keys, query.terms), wanted.page, wanted.limit, total.number, total.exact, following)
    return Listing(query, page, facets, reading, _limits(asked, facets))


def suggest(user: Any, text: str, limit: int = 8) -> Sequence[Item]:
    """The items that `text` most likely means."""
    query = LibraryQuery(text, sort=Sort.BEST)
    if not query.q:
        return ()
    asked = Asked.of(user, query)
    branches = [_best(source, asked) if asked.is_ranked else _newest(source, asked, limit) for source in SOURCES]
    return show(user, list(_ordered(branches, asked)[:limit]), None)


def _place(asked: Asked, wanted: PageRequest) -> Place:
    """Where the wanted page is; raises `InvalidInput` for a cursor of another list."""
    if not wanted.cursor:
        start = (wanted.page - 1) * wanted.limit
        return Place(start, start + wanted.limit)
    position = decode(wanted.cursor, len(SOURCES) * CANDIDATES)
    if isinstance(position, Skip) != asked.is_ranked:
        raise InvalidInput({"cursor": ["This cursor does not belong to this list."]})
    if isinstance(position, Skip):
        return Place(position.count, position.count + wanted.limit)
    return Place(0, wanted.limit, position)


def _reaches(place: Place, total: Count) -> bool:
    """Whether items can be at a place; raises `InvalidInput` where only a cursor leads."""
    if total.exact and place.start >= total.number:
        return False
    if place.end > COUNT_LIMIT:
        raise InvalidInput({"page": [f"Pages by number reach the first {COUNT_LIMIT:,} items; go on with cursor."]})
    return True


def _keys(asked: Asked, place: Place, facets: Facets) -> tuple[list[Key], str | None]:
    """Keys of the items at a place in order, and the cursor of the next page."""
    query = asked.query
    branches = [
        _best(source, asked)
        if asked.is_ranked
        else _newest(source, asked, place.end + 1, place.after, few=bool(query.q) and facets.of_kind(source.kind).exact)
        for source in SOURCES
        if query.kind in (None, source.kind) and (source.platform or not query.platforms)
    ]
    found: list[Key] = list(_ordered(branches, asked)[place.start : place.end + 1])
    shown = found[: place.end - place.start]
    if len(found) == len(shown):
        return shown, None
    return shown, (Skip(place.end) if asked.is_ranked else After(shown[-1][2], shown[-1][1])).encode()


def _newest(source: Source, asked: Asked, size: int, after: After | None = None, *, few: bool = False) -> QuerySet[Any]:
    """Keys of the newest matching rows of a source, behind a position; `few` when what matches may be sorted."""
    rows = asked.rows(source)
    if after is not None:
        same = Q(**{source.at: after.at, "id__lt": after.id})
        # The first condition lets the index start at the right place.
        rows = rows.filter(Q(**{f"{source.at}__lte": after.at}), Q(**{f"{source.at}__lt": after.at}) | same)
    ordered = sorted_apart(rows, source) if few else rows
    return _as_keys(ordered[:size], source, Value(0, output_field=IntegerField()))


def _best(source: Source, asked: Asked) -> QuerySet[Any]:
    """Ranked keys of the newest matching rows of a source."""
    assert asked.query.terms is not None
    candidates = asked.rows(source).values("pk")[:CANDIDATES]
    ranked = source.rows(asked.user).filter(pk__in=Subquery(candidates)).order_by()
    return _as_keys(ranked, source, rank(source.vector, asked.query.terms))


def _as_keys(rows: QuerySet[Any], source: Source, score: Any) -> QuerySet[Any]:
    named: QuerySet[Any] = rows.annotate(
        item_kind=Value(source.kind.value, output_field=CharField()), item_at=F(source.at), item_score=score
    )
    return named.values_list("item_kind", "id", "item_at", "item_score")


def _ordered(branches: Sequence[QuerySet[Any]], asked: Asked) -> QuerySet[Any]:
    first, *others = branches
    if not others and not asked.is_ranked:
        return first
    order = ("-item_score", "-item_at", "-id") if asked.is_ranked else ("-item_at", "-id")
    return first.union(*others, all=True).order_by(*order)


def _limits(asked: Asked, facets: Facets) -> str:
    """What a search leaves out to stay quick, in words."""
    if asked.edges:
        return f"Text like this is looked for in the newest {SCANNED:,} of each type."
    if asked.is_ranked and any(facets.of_kind(kind, asked.query).number > CANDIDATES for kind in Kind):
        return f"These are the best of the newest {CANDIDATES:,} matches of each type."
    return ""
