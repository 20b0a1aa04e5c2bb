"""What the list shows, computed before a template sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone

from kapture.core.choices import Platform
from kapture.core.paging import Page
from kapture.gateways.scraping import ContentType, DateRange
from kapture.jobs.models import Job
from kapture.web.formats import ago
from trends import filter_words, kept, queries
from trends.cards import LONGEST, Card, card_page, cards
from trends.forms import ORDERS, VIEWS, FilterForm, saved_query
from trends.kept import TagCount
from trends.models import Category, SavedView
from trends.queries import Totals, TrendFilter
from trends.specs import LANGUAGES
from trends.standing import Standing, standing

# What an address need not say.
DEFAULTS = {"sort": FilterForm.DEFAULT_ORDER, "layout": "grid"}
PLACE = ("cursor", "page", "shown", "limit")


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter and the address of the list without it."""

    words: str
    remove: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A saved view: its name, its address, and whether the list is under it."""

    view: SavedView
    url: str
    on: bool


@dataclass(frozen=True, slots=True)
class ListPage:
    """The list: its filter, what it found, and what works in the background."""

    form: FilterForm
    wanted: TrendFilter
    order: str
    layout: str
    page: Page
    cards: list[Card]
    totals: Totals
    jobs: Sequence[Job]
    standing: Standing
    query: QueryDict
    seen_at: datetime
    tags: list[TagCount]
    categories: Sequence[Category]
    views: Sequence[SavedView]

    orders = ORDERS
    reaches = VIEWS
    periods = (("", "Any time"), *DateRange.choices)
    types = (("", "Any type"), *ContentType.choices)
    languages = (("", "Any language"), *LANGUAGES.items())

    @classmethod
    def of(cls, request: HttpRequest) -> "ListPage":
        """The part of the list an address asks for; an unreadable page or cursor means the first."""
        now = timezone.now()
        user = request.user
        form = FilterForm(request.GET)
        wanted, order = form.wanted, form.order
        found = queries.trends(user, wanted, now=now)
        page = card_page(found, order, request.GET, queries.total(user, wanted, found))
        return cls(
            form=form,
            wanted=wanted,
            order=order,
            layout="list" if request.GET.get("layout") == "list" else "grid",
            page=page,
            cards=cards(page.rows),
            totals=queries.totals(user),
            jobs=(jobs := queries.scrape_jobs(user, now)),
            standing=standing(user, jobs, now),
            query=request.GET,
            seen_at=now,
            tags=kept.tags(user),
            categories=list(kept.categories(user)),
            views=kept.views(user),
        )

    @property
    def platforms(self) -> list[tuple[str, str, int, bool]]:
        """Segments of the filter: name, words, trends, whether chosen."""
        counts = self.totals.by_platform
        return [(one.value, one.label, counts.get(one.value, 0), one in self.wanted.platforms) for one in Platform]

    @property
    def tag_options(self) -> list[tuple[str, str]]:
        """Choices of the tag filter; none while no trend carries a tag."""
        return filter_words.tag_options(self.tags)

    @property
    def category_options(self) -> list[tuple[str, str]]:
        """Choices of the category filter; none while there is no category."""
        return filter_words.category_options(self.categories)

    @property
    def is_list(self) -> bool:
        """Whether cards lie below each other, not side by side."""
        return self.layout == "list"

    @property
    def is_unused(self) -> bool:
        """Whether nothing was ever captured, or all of it was deleted."""
        return not self.totals.all

    @property
    def found(self) -> str:
        """How many trends the filter finds, in words."""
        if not self.page.exact:
            return f"More than {self.page.total:,} trends"
        return "1 trend" if self.page.total == 1 else f"{self.page.total:,} trends"

    @property
    def head(self) -> str:
        """The line under the title."""
        if not self.totals.all:
            return "What rises on YouTube, TikTok, Reddit and X for the words you care about."
        looked = f" · last scrape {ago(self.totals.last_look_at)}" if self.totals.last_look_at else ""
        return f"{self.totals.all:,} captured{looked}"

    @property
    def chips(self) -> list[Chip]:
        """The filters that the bar itself does not show."""
        words = filter_words.words(self.wanted, self.categories)
        return [Chip(text, self.address(**{name: None})) for name, text in words.items()]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Filters that the bar must carry along although it has no field for them."""
        shown = {"tag": bool(self.tags), "category": bool(self.categories)}
        names = ("hashtag", "author", "tag", "category", "watch", "scrape")
        return [(name, str(self.query[name])) for name in names if self.query.get(name) and not shown.get(name)]

    @property
    def saved(self) -> str:
        """The filter and order of this list as a view keeps them."""
        return saved_query(self.query)

    @property
    def tabs(self) -> list[Tab]:
        """The saved views."""
        here, base = self.saved, reverse("trends:list")
        return [Tab(view, f"{base}?{view.query}" if view.query else base, view.query == here) for view in self.views]

    @property
    def is_saved(self) -> bool:
        """Whether a view keeps just this."""
        return any(tab.on for tab in self.tabs)

    @property
    def more(self) -> str:
        """Address of the next part."""
        if not self.page.next_cursor:
            return ""
        return self.address(cursor=self.page.next_cursor, shown=str(self.shown))

    @property
    def shown(self) -> int:
        """How many cards are on the page of the browser with this part."""
        before = self.query.get("shown", "") if self.query.get("cursor") else ""
        return (min(int(before), LONGEST) if before.isdecimal() and len(before) < 10 else 0) + len(self.cards)

    @property
    def first(self) -> str:
        """Address of the first part."""
        return self.address()

    def address(self, **changes: str | None) -> str:
        """Address of this list with values changed (None removes), from its beginning."""
        query = self.query.copy()
        for name, value in {**dict.fromkeys(PLACE), **changes}.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        for name in [name for name, values in query.lists() if not any(values) or DEFAULTS.get(name) == values[-1]]:
            del query[name]
        return f"/trends/?{query.urlencode()}" if query else "/trends/"
