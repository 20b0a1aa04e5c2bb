"""Which rows of a source answer a question."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from library.matching import contains, question
from library.sources import SOURCES
from library.sources.source import Source
from library.specs import Kind, LibraryQuery, Sort
from library.terms import Mode

# Text that no index can hold is looked for in this many of each kind, the newest.
SCANNED = 5_000
START = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of one user; `edges` are the times from which on text without words is looked for."""

    user: Any
    query: LibraryQuery
    edges: Mapping[Kind, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, user: Any, query: LibraryQuery) -> "Asked":
        """The question, ready to be asked."""
        scans = query.terms is not None and query.terms.mode is Mode.CONTAINS
        return cls(user, query, _edges(user) if scans else {})

    @property
    def is_ranked(self) -> bool:
        """Whether rank decides the order; text without words has none."""
        return self.query.sort is Sort.BEST and self.query.terms is not None and not self.edges

    def anywhere(self) -> "Asked":
        """The same question without filters."""
        return replace(self, query=self.query.anywhere())

    def rows(self, source: Source) -> QuerySet[Any]:
        """The user's rows that match the text and the platforms, newest first."""
        rows: QuerySet[Any] = source.rows(self.user).order_by(f"-{source.at}", "-id")
        if self.query.platforms:
            rows = rows.filter(**{f"{source.platform}__in": self.query.platforms})
        terms = self.query.terms
        if terms is None:
            return rows
        if terms.mode is Mode.CONTAINS:
            return rows.filter(Q(**{f"{source.at}__gte": self.edges[source.kind]}), contains(source.substrings, terms))
        matched: QuerySet[Any] = rows.alias(vector=source.vector).filter(vector=question(terms))
        return matched


def sorted_apart(rows: QuerySet[Any], source: Source) -> QuerySet[Any]:
    """Few rows in the same order, sorted after they were found.

    PostgreSQL takes each prefix for a common one and would walk through everything by time to find the first few. The
    order by an expression leaves it the index of the text only.
    """
    return rows.order_by(Coalesce(F(source.at), F(source.at)).desc(), "-id")


def _edges(user: Any) -> dict[Kind, datetime]:
    """The time of the last item of each kind that is looked at.

    It is read first, for a bound that PostgreSQL does not know when it plans is none.
    """
    last = [
        Subquery(source.rows(user).order_by(f"-{source.at}", "-id").values(source.at)[SCANNED - 1 : SCANNED])
        for source in SOURCES
    ]
    times = get_user_model()._default_manager.filter(pk=user.pk).values_list(*last).get()
    return {source.kind: time or START for source, time in zip(SOURCES, times, strict=True)}
