"""How many items match, by kind and platform."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast

from kapture.core.choices import Platform
from library.asking import Asked
from library.listing import Facets, Tally
from library.matching import BoundedTally, question
from library.sources import SOURCES
from library.sources.source import Source
from library.specs import Kind
from library.terms import understood

# Counting further tells little; beyond it a count says "1,000+". Matches of a text are dearer to count.
FACET_LIMIT = 1_000
MATCH_LIMIT = 500


def count_facets(asked: Asked) -> tuple[Facets, str]:
    """Bounded counts of what matches the text, and how the text was understood, in one statement."""
    terms = asked.query.terms
    scopes = [(source, scope) for source in SOURCES for scope in _scopes(source, asked)]
    tallies = [BoundedTally(_tallied(source, asked.anywhere(), scope)) for source, scope in scopes]
    read = Cast(question(terms), TextField()) if terms else Value("")
    # The caller's own row carries the counts: a statement needs one row to hang them on.
    me = get_user_model()._default_manager.filter(pk=asked.user.pk)
    tsquery, *numbers = me.values_list(read, *tallies).get()
    limit = _limit(asked)
    found = tuple(
        _tally(source.kind, scope, n or {}, limit) for (source, scope), n in zip(scopes, numbers, strict=True)
    )
    return Facets(found), understood(terms, tsquery) if terms else ""


def _limit(asked: Asked) -> int:
    return MATCH_LIMIT if asked.query.q else FACET_LIMIT


def _scopes(source: Source, asked: Asked) -> list[frozenset[str]]:
    """Which platforms are counted together.

    Without text each is counted by itself, from an index. The matches of a text are walked through once, the newest
    first, which is the walk that finds the page as well.
    """
    if not source.platform:
        return [frozenset([""])]
    platforms = (*Platform.values, "")
    return [frozenset(platforms)] if asked.query.q else [frozenset([platform]) for platform in platforms]


def _tallied(source: Source, asked: Asked, scope: frozenset[str]) -> QuerySet[Any]:
    rows = asked.rows(source)
    if len(scope) == 1 and source.platform:
        rows = rows.filter(**{source.platform: next(iter(scope))}).order_by()
    name = F(source.platform) if source.platform else Value("", output_field=TextField())
    return rows.values_list(name)[: _limit(asked) + 1]


def _tally(kind: Kind, scope: frozenset[str], numbers: dict[str, int], limit: int) -> Tally:
    """A tally without the one row that shows that there are more."""
    if sum(numbers.values()) <= limit:
        return Tally(kind, scope, numbers, exact=True)
    most = max(numbers, key=lambda name: numbers[name])
    return Tally(kind, scope, numbers | {most: numbers[most] - 1}, exact=False)
