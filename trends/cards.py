"""Trends as lists show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import QueryDict

from kapture.core.choices import Platform
from kapture.core.errors import InvalidInput
from kapture.core.paging import Page, PageRequest, paginate
from trends.models import Trend
from trends.queries import SORTS
from trends.scoring import OWN
from trends.wording import byline, kind_of, parted

EXCERPT: Final = 400
PER_PAGE: Final = 24
LONGEST: Final = 96
CARD_COLUMNS: Final = (
    "id", "platform", "content_type", "title", "author_name", "author_handle", "community", "published_at",
    "scraped_at", "duration_s", "thumbnail_url", "views", "likes", "comments", "baseline", "multiple", "trail", "tags",
    "category__name",
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
    tags: Sequence[str]
    category: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Card":
        """From the columns of a row."""
        name = row["author_name"] or row["author_handle"]
        platform = row["platform"]
        title, text = parted(title=row["title"], text=row["excerpt"], name=name, platform=platform)
        author_is_usual = row["baseline"] in OWN
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
            tags=row["tags"],
            category=row["category__name"] or "",
        )


def cards(rows: Iterable[Mapping[str, Any]]) -> list[Card]:
    """The cards of rows."""
    return [Card.of(row) for row in rows]


def card_rows(found: QuerySet[Trend], *more: str) -> QuerySet[Trend, dict[str, Any]]:
    """The columns of a card, and more of them, without reading a whole text."""
    rows: QuerySet[Trend, dict[str, Any]] = found.defer(None).values(
        *CARD_COLUMNS, *more, excerpt=Left("text", EXCERPT)
    )
    return rows


def card_page(found: QuerySet[Trend], order: str, query: QueryDict, total: tuple[int, bool]) -> Page:
    """The cards that an address asks for; an unreadable page or cursor means the first.

    A list that is fetched again says how long it was (`shown`) and comes as long, up to `LONGEST`.
    """
    names = [column.lstrip("-") for column in SORTS[order]]
    rows = card_rows(found, *(name for name in names if name not in CARD_COLUMNS))
    shown = str(query.get("shown", ""))
    again = shown.isdecimal() and len(shown) < 10 and not query.get("cursor")
    limit = min(max(PER_PAGE, int(shown)), LONGEST) if again else PER_PAGE
    try:
        return paginate(rows, SORTS[order], PageRequest.read(query, limit), total)
    except InvalidInput:
        return paginate(rows, SORTS[order], PageRequest(limit=PER_PAGE), total)
