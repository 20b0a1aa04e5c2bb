"""What the pages show, computed before a template sees it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.functions import Left
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from kapture.core.choices import Platform
from kapture.core.errors import InvalidInput
from kapture.core.paging import Page, PageRequest, paginate
from kapture.gateways.scraping import ContentType, DateRange
from kapture.jobs.models import Job
from kapture.web.charts import LineChart, Series
from kapture.web.formats import ago, compact
from trends import queries
from trends.explain import Step, explain
from trends.forms import ORDERS, VIEWS, FilterForm
from trends.models import Snapshot, Trend
from trends.queries import SORTS, Totals, TrendFilter
from trends.scoring import Baseline
from trends.specs import LANGUAGES
from trends.wording import byline, kind_of, parted, reach_noun

PER_PAGE = 24
EXCERPT = 400
# What an address need not say.
DEFAULTS = {"sort": "-score", "layout": "grid"}
CARD_COLUMNS = (
    "id", "platform", "content_type", "title", "author_name", "author_handle", "community", "published_at",
    "scraped_at", "duration_s", "thumbnail_url", "views", "likes", "comments", "baseline", "multiple", "trail",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """A trend in a list."""

    pk: Any
    title: str
    platform: str
    thumb: str
    seconds: int | None
    kind: str
    text: str
    author: str
    at: datetime | None
    views: int | None
    likes: int | None
    comments: int | None
    multiple: float | None
    usual: str
    trail: Sequence[int]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Card":
        """From the columns of a row."""
        name = row["author_name"] or row["author_handle"]
        platform = row["platform"]
        title, text = parted(title=row["title"], text=row["excerpt"], name=name, platform=platform)
        author_is_usual = row["baseline"] == Baseline.AUTHOR
        return cls(
            pk=row["id"],
            title=title,
            platform=platform,
            thumb=row["thumbnail_url"],
            seconds=row["duration_s"],
            kind=kind_of(content_type=row["content_type"], platform=platform),
            text=text,
            author=byline(platform=row["platform"], name=name, handle=row["author_handle"], community=row["community"]),
            at=row["published_at"],
            views=row["views"],
            likes=row["likes"],
            comments=row["comments"] if row["views"] is None else None,
            multiple=row["multiple"],
            usual="the author’s usual" if author_is_usual else f"the usual on {Platform(platform).label}",
            trail=row["trail"],
        )


def cards(rows: Iterable[Mapping[str, Any]]) -> list[Card]:
    """The cards of rows."""
    return [Card.of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter and the address of the list without it."""

    words: str
    remove: str


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
    query: QueryDict
    seen_at: datetime

    orders = ORDERS
    reaches = VIEWS
    periods = (("", "Any time"), *DateRange.choices)
    types = (("", "Any type"), *ContentType.choices)
    languages = (("", "Any language"), *LANGUAGES.items())

    @classmethod
    def of(cls, request: HttpRequest) -> "ListPage":
        """The part of the list an address asks for; an unreadable page or cursor means the first."""
        now = timezone.now()
        form = FilterForm(request.GET)
        wanted, order = form.wanted, form.order
        found = queries.trends(request.user, wanted, now=now)
        total = queries.total(request.user, wanted, found)
        rows = found.defer(None).values(*CARD_COLUMNS, *_columns(order), excerpt=Left("text", EXCERPT))
        try:
            page = paginate(rows, SORTS[order], PageRequest.read(request.GET, PER_PAGE), total)
        except InvalidInput:
            page = paginate(rows, SORTS[order], PageRequest(limit=PER_PAGE), total)
        return cls(
            form=form,
            wanted=wanted,
            order=order,
            layout="list" if request.GET.get("layout") == "list" else "grid",
            page=page,
            cards=cards(page.rows),
            totals=queries.totals(request.user),
            jobs=queries.scrape_jobs(request.user, now),
            query=request.GET,
            seen_at=now,
        )

    @property
    def platforms(self) -> list[tuple[str, str, int, bool]]:
        """Segments of the filter: name, words, trends, whether chosen."""
        counts = self.totals.by_platform
        return [(one.value, one.label, counts.get(one.value, 0), one in self.wanted.platforms) for one in Platform]

    @property
    def is_grid(self) -> bool:
        """Whether cards lie side by side."""
        return self.layout == "grid"

    @property
    def is_list(self) -> bool:
        """Whether cards lie below each other."""
        return self.layout == "list"

    @property
    def is_unused(self) -> bool:
        """Whether nothing was ever captured."""
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
        wanted = self.wanted
        words = {
            "type": wanted.content_type and ContentType(wanted.content_type).label,
            "reach": wanted.min_views and f"Reach of {compact(wanted.min_views)} and more",
            "hashtag": wanted.hashtag and f"#{wanted.hashtag.lstrip('#')}",
            "author": wanted.author and f"By {wanted.author}",
            "language": wanted.language and f"In {LANGUAGES[wanted.language]}",
            "scrape": wanted.scrape and "From one scrape",
        }
        return [Chip(text, self.address(**{name: None})) for name, text in words.items() if text]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Filters that the bar must carry along although it has no field for them."""
        kept = ("hashtag", "author", "scrape")
        return [(name, str(self.query[name])) for name in kept if self.query.get(name)]

    @property
    def more(self) -> str:
        """Address of the next part."""
        return self.address(cursor=self.page.next_cursor) if self.page.next_cursor else ""

    @property
    def first(self) -> str:
        """Address of the first part."""
        return self.address()

    def address(self, **changes: str | None) -> str:
        """Address of this list with values changed (None removes), from its beginning."""
        query = self.query.copy()
        for name, value in {"cursor": None, "page": None, **changes}.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        for name in [name for name, values in query.lists() if not any(values) or DEFAULTS.get(name) == values[-1]]:
            del query[name]
        return f"/trends/?{query.urlencode()}" if query else "/trends/"


def _columns(order: str) -> list[str]:
    """Columns a cursor is made of that a card does not need."""
    return [name for name in (column.lstrip("-") for column in SORTS[order]) if name not in CARD_COLUMNS]


@dataclass(frozen=True, slots=True)
class DetailPage:
    """One trend with its history, its arithmetic and its neighbours."""

    trend: Trend
    steps: list[Step]
    history: list[Snapshot]
    by_author: list[Card]
    by_hashtag: list[Card]
    curl: str

    @classmethod
    def of(cls, request: HttpRequest, trend: Trend) -> "DetailPage":
        """Everything the page of a trend shows."""
        user = request.user
        address = request.build_absolute_uri(f"/api/trends/{trend.pk}")
        return cls(
            trend=trend,
            steps=explain(trend),
            history=queries.history(trend),
            by_author=cards(queries.by_same_author(user, trend).values(*CARD_COLUMNS, excerpt=Left("text", EXCERPT))),
            by_hashtag=cards(
                queries.with_same_hashtags(user, trend).values(*CARD_COLUMNS, excerpt=Left("text", EXCERPT))
            ),
            curl=f'curl -H "Authorization: Bearer $KAPTURE_KEY" {address}',
        )

    @property
    def usual(self) -> str:
        """Whose usual the multiple is of."""
        return "the author’s usual" if self.trend.baseline == Baseline.AUTHOR else "the platform’s usual"

    @property
    def language(self) -> str:
        """Name of the language it is in."""
        return LANGUAGES.get(self.trend.language, self.trend.language)

    @property
    def kind(self) -> str:
        """What the post is made of, in a word."""
        return kind_of(content_type=self.trend.content_type, platform=self.trend.platform)

    @property
    def chart(self) -> LineChart | None:
        """Reach at each look that moved it; None until there are two."""
        if len(self.history) < 2:
            return None
        has_views = self.trend.views is not None
        noun = reach_noun(has_views=has_views, platform=self.trend.platform)
        values = [(one.views if has_views else one.likes) or 0 for one in self.history]
        labels = [f"{timezone.localtime(one.at):%-d %b %H:%M}" for one in self.history]
        series = Series(noun.capitalize(), [max(0, value) for value in values], self.trend.platform, values[-1])
        return LineChart(f"{noun.capitalize()} at each look", labels, [series], noun, key="history")
