"""Reads of the library.

A list is made in two steps. First the keys of the wanted items: each source gives its own next ones by its own index,
and a UNION ALL of these few is ordered and cut. Then one read for each kind on the page fetches what is shown. So no
step touches more wide rows than a page has, and the cost does not grow with what somebody has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, F, IntegerField, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce

from kapture.core.choices import Platform
from kapture.core.errors import InvalidInput
from kapture.core.paging import COUNT_LIMIT, Page, PageRequest
from library.cursors import After, Skip, decode
from library.items import Item
from library.listing import Count, Facets, Listing, Tally
from library.matching import BoundedTally, contains, question, rank
from library.showing import Key, show
from library.sources import SOURCES
from library.sources.source import Source
from library.specs import Kind, LibraryQuery, Sort
from library.terms import Mode, Terms, understood

# Counting further tells little; beyond it a count says "1,000+".
FACET_LIMIT = 1_000
# The best matches are the best of this many of each kind, the newest that match.
CANDIDATES = 400
SUGGESTED_OF = 60
# Text that no index can hold is looked for in this many of each kind, the newest.
SCANNED = 5_000
START = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """The part of an order that is wanted: items `start` to `end` behind `after`."""

    start: int
    end: int
    after: After | None = None


def browse(user: Any, query: LibraryQuery, wanted: PageRequest) -> Listing:
    """A page of a user's items with counts by kind and platform."""
    place = _place(query, wanted)
    facets, reading = count_facets(user, query)
    total = facets.total(query)
    keys, following = _keys(user, query, place) if _reaches(place, total) else ([], None)
    page = Page(show(user, keys, query.terms), wanted.page, wanted.limit, total.number, total.exact, following)
    return Listing(query, page, facets, reading, _limits(query, facets))


def suggest(user: Any, text: str, limit: int = 8) -> Sequence[Item]:
    """The items that `text` most likely means."""
    query = LibraryQuery(text, sort=Sort.BEST)
    if not query.q:
        return ()
    branches = [_best(source, user, query, SUGGESTED_OF) for source in SOURCES]
    if not _is_ranked(query):
        branches = [_newest(source, user, query, None, limit) for source in SOURCES]
    return show(user, list(_ordered(branches, query)[:limit]), None)


def _is_ranked(query: LibraryQuery) -> bool:
    """Whether rank decides the order; text that no index holds has none."""
    return query.sort is Sort.BEST and query.terms is not None and query.terms.mode is Mode.WORDS


def _matching(source: Source, user: Any, query: LibraryQuery) -> QuerySet[Any]:
    """A user's rows of a source that match the text and the platforms."""
    rows: QuerySet[Any] = source.rows(user)
    if query.platforms:
        rows = rows.filter(**{f"{source.platform}__in": query.platforms})
    return rows if query.terms is None else _found(rows, source, user, query.terms)


def _found(rows: QuerySet[Any], source: Source, user: Any, terms: Terms) -> QuerySet[Any]:
    if terms.mode is Mode.WORDS:
        matched: QuerySet[Any] = rows.alias(vector=source.vector).filter(vector=question(terms))
        return matched
    edge = source.rows(user).order_by(f"-{source.at}", "-id").values(source.at)[SCANNED - 1 : SCANNED]
    newest = Q(**{f"{source.at}__gte": Coalesce(Subquery(edge), Value(START))})
    return rows.filter(newest, contains(source.substrings, terms))


def _newest(source: Source, user: Any, query: LibraryQuery, after: After | None, size: int) -> QuerySet[Any]:
    """Keys of the newest matching rows of a source, behind a position."""
    rows = _matching(source, user, query)
    if after is not None:
        same = Q(**{source.at: after.at, "id__lt": after.id})
        # The first condition lets the index start at the right place.
        rows = rows.filter(Q(**{f"{source.at}__lte": after.at}), Q(**{f"{source.at}__lt": after.at}) | same)
    ordered = rows.order_by(f"-{source.at}", "-id")[:size]
    return _as_keys(ordered, source, Value(0, output_field=IntegerField()))


def _best(source: Source, user: Any, query: LibraryQuery, size: int) -> QuerySet[Any]:
    """Ranked keys of the newest `size` matching rows of a source."""
    assert query.terms is not None
    candidates = _matching(source, user, query).order_by(f"-{source.at}", "-id").values("pk")[:size]
    ranked = source.rows(user).filter(pk__in=Subquery(candidates)).order_by()
    return _as_keys(ranked, source, rank(source.vector, query.terms))


def _as_keys(rows: QuerySet[Any], source: Source, score: Any) -> QuerySet[Any]:
    named: QuerySet[Any] = rows.annotate(
        item_kind=Value(source.kind.value, output_field=CharField()), item_at=F(source.at), item_score=score
    )
    return named.values_list("item_kind", "id", "item_at", "item_score")


def _ordered(branches: Sequence[QuerySet[Any]], query: LibraryQuery) -> QuerySet[Any]:
    first, *others = branches
    if not others and not _is_ranked(query):
        return first
    order = ("-item_score", "-item_at", "-id") if _is_ranked(query) else ("-item_at", "-id")
    return first.union(*others, all=True).order_by(*order)


def _place(query: LibraryQuery, wanted: PageRequest) -> Place:
    """Where the wanted page is; raises `InvalidInput` for a cursor of another list."""
    if not wanted.cursor:
        start = (wanted.page - 1) * wanted.limit
        return Place(start, start + wanted.limit)
    position = decode(wanted.cursor, len(SOURCES) * CANDIDATES)
    if isinstance(position, Skip) != _is_ranked(query):
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


def _keys(user: Any, query: LibraryQuery, place: Place) -> tuple[list[Key], str | None]:
    """Keys of the items at a place in order, and the cursor of the next page."""
    ranked = _is_ranked(query)
    branches = [
        _best(source, user, query, CANDIDATES) if ranked else _newest(source, user, query, place.after, place.end + 1)
        for source in SOURCES
        if query.kind in (None, source.kind) and (source.platform or not query.platforms)
    ]
    # No branch is left when boards of a platform are asked for; then nothing was counted either.
    found: list[Key] = list(_ordered(branches, query)[place.start : place.end + 1])
    shown = found[: place.end - place.start]
    if len(found) == len(shown):
        return shown, None
    return shown, (Skip(place.end) if ranked else After(shown[-1][2], shown[-1][1])).encode()


def count_facets(user: Any, query: LibraryQuery) -> tuple[Facets, str]:
    """Bounded counts of what matches the text, by kind and platform, and how the text was understood; one statement."""
    scopes = [(source, scope) for source in SOURCES for scope in _scopes(source, query)]
    tallies = [BoundedTally(_tallied(source, user, query.anywhere(), scope)) for source, scope in scopes]
    read = Cast(question(query.terms), TextField()) if query.terms else Value("")
    # The caller's own row carries the counts: a statement needs one row to hang them on.
    me = get_user_model()._default_manager.filter(pk=user.pk)
    tsquery, *numbers = me.values_list(read, *tallies).get()
    found = tuple(_tally(source.kind, scope, n or {}) for (source, scope), n in zip(scopes, numbers, strict=True))
    return Facets(found), understood(query.terms, tsquery) if query.terms else ""


def _scopes(source: Source, query: LibraryQuery) -> list[frozenset[str]]:
    """Which platforms are counted together.

    Without text each is counted by itself, from an index. The matches of a text are walked through once, the newest
    first, which is the walk that finds the page as well.
    """
    if not source.platform:
        return [frozenset([""])]
    platforms = (*Platform.values, "")
    return [frozenset(platforms)] if query.q else [frozenset([platform]) for platform in platforms]


def _tallied(source: Source, user: Any, query: LibraryQuery, scope: frozenset[str]) -> QuerySet[Any]:
    rows = _matching(source, user, query)
    if len(scope) == 1 and source.platform:
        rows = rows.filter(**{source.platform: next(iter(scope))}).order_by()
    else:
        rows = rows.order_by(f"-{source.at}", "-id")
    name = F(source.platform) if source.platform else Value("", output_field=TextField())
    return rows.values_list(name)[: FACET_LIMIT + 1]


def _tally(kind: Kind, scope: frozenset[str], numbers: dict[str, int]) -> Tally:
    """A tally without the one row that shows that there are more."""
    if sum(numbers.values()) <= FACET_LIMIT:
        return Tally(kind, scope, numbers, exact=True)
    most = max(numbers, key=lambda name: numbers[name])
    return Tally(kind, scope, numbers | {most: numbers[most] - 1}, exact=False)


def _limits(query: LibraryQuery, facets: Facets) -> str:
    """What a search leaves out to stay quick, in words."""
    if query.terms is not None and query.terms.mode is Mode.CONTAINS:
        return f"Text like this is looked for in the newest {SCANNED:,} of each type."
    if _is_ranked(query) and any(facets.of_kind(kind, query).number > CANDIDATES for kind in Kind):
        return f"These are the best of the newest {CANDIDATES:,} matches of each type."
    return ""
