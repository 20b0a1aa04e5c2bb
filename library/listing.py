"""The answer of the library: a page of items and how many there are of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from kapture.core.choices import Platform
from kapture.core.paging import Page
from library.specs import Kind, LibraryQuery


@dataclass(frozen=True, slots=True)
class Count:
    """A number of items; `exact` is false where counting stopped, so that there are at least so many."""

    number: int
    exact: bool = True

    def __str__(self) -> str:
        if self.exact:
            return f"{self.number:,}"
        # "0+" would say nothing.
        return f"{self.number:,}+" if self.number else ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Items of one kind by platform (`""` for those of none), among those of `scope`.

    Not `exact` when counting stopped at its limit, so that there are more somewhere in the scope.
    """

    kind: Kind
    scope: frozenset[str]
    numbers: Mapping[str, int]
    exact: bool


@dataclass(frozen=True, slots=True)
class Facets:
    """How many items match the text, by kind and platform."""

    tallies: tuple[Tally, ...]

    def count(self, kinds: frozenset[Kind], platforms: frozenset[str]) -> Count:
        """The items of any of these kinds on any of these platforms; an empty set asks for all."""
        number, exact = 0, True
        for tally in self.tallies:
            wanted = tally.scope & platforms if platforms else tally.scope
            if wanted and (not kinds or tally.kind in kinds):
                number += sum(tally.numbers.get(name, 0) for name in wanted)
                exact &= tally.exact
        return Count(number, exact)

    def of_kind(self, kind: Kind | None, query: LibraryQuery | None = None) -> Count:
        """The items of a kind (all for None) under the query's other filters."""
        return self.count(frozenset([kind] if kind else []), frozenset(query.platforms if query else []))

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
