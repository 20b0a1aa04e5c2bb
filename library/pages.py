"""What the library's page shows around the items, worked out before the template."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.urls import reverse

from kapture.core.choices import Platform
from library.listing import Listing
from library.specs import Kind, LibraryQuery, Sort


class Layout(TextChoices):
    """How items are laid out."""

    GRID = "grid", "Grid"
    LIST = "list", "List"


ICONS = {Layout.GRID: "layout-grid", Layout.LIST: "list"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes what is shown: `count` is how many items it leads to, in words, empty when not counted."""

    name: str
    label: str
    href: str
    on: bool
    count: str = ""
    icon: str = ""


def address(query: LibraryQuery, layout: Layout = Layout.GRID, cursor: str = "") -> str:
    """The page's address for a query, without what goes without saying."""
    values: dict[str, Any] = {
        "q": query.q,
        "type": query.kind.value if query.kind else "",
        "platform": [platform.value for platform in query.platforms],
        "sort": query.sort.value if query.q and query.sort is not Sort.BEST else "",
        "layout": layout.value if layout is not Layout.GRID else "",
        "cursor": cursor,
    }
    said = urlencode({name: value for name, value in values.items() if value}, doseq=True)
    return reverse("library:list") + (f"?{said}" if said else "")


@dataclass(frozen=True, slots=True)
class View:
    """A listing as the page shows it; `cursor` is where the page starts, empty for the first."""

    listing: Listing
    layout: Layout
    cursor: str = ""

    @property
    def query(self) -> LibraryQuery:
        """What was asked for."""
        return self.listing.query

    @property
    def here(self) -> str:
        """The address of this page."""
        return address(self.query, self.layout, self.cursor)

    @property
    def first(self) -> str:
        """The address of the first page."""
        return address(self.query, self.layout)

    @property
    def more(self) -> str:
        """The address of the next page, empty on the last."""
        following = self.listing.page.next_cursor
        return address(self.query, self.layout, following) if following else ""

    @property
    def unfiltered(self) -> str:
        """The same text without filters."""
        return address(self.query.anywhere(), self.layout)

    @property
    def is_unused(self) -> bool:
        """Whether there is nothing at all yet, as opposed to nothing that matches."""
        return not self.query.is_narrowed and not self.listing.page.rows and not self.cursor

    @property
    def elsewhere(self) -> str:
        """How many items the text finds without the filters, empty when there are none or no filters."""
        everything = self.listing.facets.everything
        narrowed = self.query.kind or self.query.platforms
        return str(everything) if narrowed and everything.number else ""

    @property
    def total(self) -> str:
        """How many items there are, in words."""
        return str(self.listing.facets.total(self.query))

    @property
    def kinds(self) -> list[Choice]:
        """The tabs."""
        facets, query = self.listing.facets, self.query
        words: list[tuple[Kind | None, str]] = [(None, "All"), *((kind, kind.label) for kind in Kind)]
        return [
            Choice(
                name=kind.value if kind else "all",
                label=label,
                href=address(replace(query, kind=kind), self.layout),
                on=query.kind is kind,
                count=str(facets.of_kind(kind, query)),
            )
            for kind, label in words
        ]

    @property
    def platforms(self) -> list[Choice]:
        """The platforms, each link adding its own to the chosen ones or taking it out."""
        facets, query = self.listing.facets, self.query
        return [
            Choice(
                name=platform.value,
                label=platform.label,
                href=address(replace(query, platforms=_toggled(query.platforms, platform)), self.layout),
                on=platform in query.platforms,
                count=str(facets.of_platform(platform, query)),
            )
            for platform in Platform
        ]

    @property
    def sorts(self) -> list[Choice]:
        """The orders of a search; without one there is a single order."""
        if not self.query.q:
            return []
        words = {Sort.BEST: "Best match", Sort.NEWEST: "Newest"}
        return [
            Choice(sort.value, label, address(replace(self.query, sort=sort), self.layout), self.query.sort is sort)
            for sort, label in words.items()
        ]

    @property
    def layouts(self) -> list[Choice]:
        """The layouts."""
        return [
            Choice(one.value, one.label, address(self.query, one), self.layout is one, icon=ICONS[one])
            for one in Layout
        ]


def _toggled(chosen: tuple[Platform, ...], platform: Platform) -> tuple[Platform, ...]:
    kept = tuple(one for one in chosen if one is not platform)
    return kept if len(kept) < len(chosen) else (*chosen, platform)
