"""The answer of the library: a page of items and how many there are of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from kapture.core.choices import Platform
from kapture.core.paging import Page
from library.specs import Kind, LibraryQuery


@dataclass(frozen=True, slots=True)
class Count:
    """A number of items; `exact` is false where counting stopped there, so that there are more."""

    number: int = 0
    exact: bool = True

    def __add__(self, other: "Count") -> "Count":
        return Count(self.number + other.number, self.exact and other.exact)

    def __str__(self) -> str:
        return f"{self.number:,}{'' if self.exact else '+'}"


@dataclass(frozen=True, slots=True)
class Facets:
    """How many items match the text, by kind and platform; `""` is the platform of things that have none."""

    cells: Mapping[tuple[Kind, str], Count]

    def count(self, kinds: frozenset[Kind], platforms: frozenset[str]) -> Count:
        """The items of any of these kinds on any of these platforms; an empty set asks for all."""
        chosen = [
            count
            for (kind, platform), count in self.cells.items()
            if (not kinds or kind in kinds) and (not platforms or platform in platforms)
        ]
        return sum(chosen, Count())

    def of_kind(self, kind: Kind | None, query: LibraryQuery) -> Count:
        """The items of a kind (all for None) under the query's other filters."""
        return self.count(frozenset([kind] if kind else []), frozenset(query.platforms))

    def of_platform(self, platform: Platform, query: LibraryQuery) -> Count:
        """The items of a platform under the query's other filters."""
        return self.count(frozenset([query.kind] if query.kind else []), frozenset([platform]))

    def total(self, query: LibraryQuery) -> Count:
        """The items under all filters."""
        return self.of_kind(query.kind, query)

    @property
    def everything(self) -> Count:
        """The items that match the text, whatever the filters."""
        return self.count(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Listing:
    """What was found.

    `understood` tells in words how the text was read, `limits` what was left out to stay quick; each may be empty.
    """

    query: LibraryQuery
    page: Page
    facets: Facets
    understood: str = ""
    limits: str = ""
