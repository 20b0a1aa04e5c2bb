"""Reads of the room; the pages and the API ask the same questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func, QuerySet, Sum
from django.utils import timezone

from kapture.core.choices import Platform
from kapture.core.searching import MAX_WORDS, WORD, every_word
from kapture.gateways.scraping import DateRange
from kapture.gateways.scraping.values import hashtag as clean_hashtag
from kapture.jobs.models import Job
from kapture.jobs.models import State as JobState
from trends import kept
from trends.labels import clean_tag
from trends.models import PlatformTotal, Purpose, Scrape, Snapshot, Trend
from trends.specs import KIND

# Name on the wire and in addresses -> the columns it sorts by; every one of them has an index.
SORTS: Final[Mapping[str, tuple[str, str]]] = {
    "-score": ("-score", "-id"),
    "-velocity": ("-velocity", "-id"),
    "-views": ("-reach", "-id"),
    "-publishedAt": ("-dated_at", "-id"),
    "-scrapedAt": ("-scraped_at", "-id"),
    "score": ("score", "id"),
    "velocity": ("velocity", "id"),
    "views": ("reach", "id"),
    "publishedAt": ("dated_at", "id"),
    "scrapedAt": ("scraped_at", "id"),
}
COUNTED: Final = 1_000
# The index of the text gathers what begins with a word from everybody before it looks for the owner; whoever has no
# more trends than this is served quicker by reading them all.
FEW: Final = 5_000
HISTORY: Final = 500
RELATED: Final = 6


class Unindexed(Func):
    """A search vector that no index knows."""

    template = "(%(expressions)s || ''::tsvector)"
    output_field: Any = SearchVectorField()


@dataclass(frozen=True, slots=True)
class TrendFilter:
    """Which trends are wanted; an empty field filters nothing.

    `q` finds words by their beginnings in title, text and author; a word with "#" means a hashtag, one with "@" an
    author. `date_range` looks at the time of publishing, or of the first look where that is unknown. `category` and
    `watch` are ids; those of others find nothing.
    """

    platforms: tuple[Platform, ...] = ()
    content_type: str = ""
    q: str = ""
    hashtag: str = ""
    author: str = ""
    min_views: int | None = None
    date_range: DateRange | None = None
    language: str = ""
    tag: str = ""
    category: Any = None
    watch: Any = None
    scrape: Any = None

    @property
    def only_platforms(self) -> bool:
        """Whether nothing but platforms is filtered, so that kept totals answer how many there are."""
        return self == TrendFilter(platforms=self.platforms)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered."""
        return self == TrendFilter()


def trends(user: Any, wanted: TrendFilter, *, now: datetime | None = None) -> QuerySet[Trend]:
    """The wanted trends of a user, in no order yet."""
    found: QuerySet[Trend] = Trend.objects.for_user(user)
    if wanted.platforms and set(wanted.platforms) != set(Platform):
        found = found.filter(platform__in=wanted.platforms)
    exact = {
        "content_type": wanted.content_type,
        "language": wanted.language,
        "category_id": wanted.category,
        "met_by__watch": wanted.watch,
        "scrape_id": wanted.scrape,
        "author_key": wanted.author.lstrip("@").casefold(),
    }
    found = found.filter(**{field: value for field, value in exact.items() if value})
    if wanted.hashtag:
        found = found.filter(hashtags__contains=[clean_hashtag(wanted.hashtag) or wanted.hashtag])
    if wanted.tag:
        found = found.filter(tags__overlap=_spellings(user, wanted.tag))
    if wanted.min_views:
        found = found.filter(reach__gte=wanted.min_views)
    if wanted.date_range:
        found = found.filter(dated_at__gte=(now or timezone.now()) - timedelta(days=wanted.date_range.days))
    return _matching(user, found, wanted.q)


def _spellings(user: Any, tag: str) -> list[str]:
    """A tag as it was typed by whoever put it on a trend; two devices may have spelled it in two ways."""
    name = clean_tag(tag)
    used = [known.name for known in kept.tags(user) if known.name.casefold() == name.casefold()]
    return used or [name]


def _matching(user: Any, found: QuerySet[Trend], q: str) -> QuerySet[Trend]:
    words = WORD.findall(q)[:MAX_WORDS]
    tags = [clean_hashtag(word) for word in words if word.startswith("#")]
    if wanted := [tag for tag in tags if tag]:
        found = found.filter(hashtags__contains=wanted)
    authors = [word[1:].casefold() for word in words if word.startswith("@") and len(word) > 1]
    if authors:
        found = found.filter(author_key__in=authors)
    plain = every_word(" ".join(word for word in words if not word.startswith(("#", "@"))))
    if plain is None:
        return found
    if totals(user).all <= FEW:
        return found.alias(words=Unindexed("search")).filter(words=plain)
    return found.filter(search=plain)


@dataclass(frozen=True, slots=True)
class Totals:
    """How many trends somebody has, by platform and together, and when a scrape last looked."""

    by_platform: Mapping[str, int]
    last_look_at: datetime | None

    @property
    def all(self) -> int:
        """Trends on every platform."""
        return sum(self.by_platform.values())


def totals(user: Any) -> Totals:
    """The kept totals of a user, in one small query."""
    rows = list(PlatformTotal.objects.filter(owner_id=user.pk))
    looks = [row.last_look_at for row in rows if row.last_look_at]
    return Totals({row.platform: row.count for row in rows}, max(looks, default=None))


def total(user: Any, wanted: TrendFilter, found: QuerySet[Trend]) -> tuple[int, bool]:
    """How many trends a filter finds, and whether that is exact: from the kept totals where they know it.

    Other filters are counted up to 1,000, so that a list costs the same however much somebody has.
    """
    if not wanted.only_platforms:
        # What is common is counted soonest from the newest on; PostgreSQL would read the table of everybody instead.
        order = ("-scraped_at", "-id") if wanted.q or wanted.language or wanted.content_type else ()
        seen = found.order_by(*order).values("pk")[: COUNTED + 1].count()
        return min(seen, COUNTED), seen <= COUNTED
    rows = PlatformTotal.objects.filter(owner_id=user.pk)
    if wanted.platforms:
        rows = rows.filter(platform__in=wanted.platforms)
    return rows.aggregate(all=Sum("count"))["all"] or 0, True


def history(trend: Trend) -> list[Snapshot]:
    """The measurements of a trend, oldest first; the latest 500."""
    latest = Snapshot.objects.filter(trend=trend).order_by("-at", "-id")[:HISTORY]
    return list(latest)[::-1]


def by_same_author(user: Any, trend: Trend) -> QuerySet[Trend]:
    """Other trends of the same author, newest first."""
    mine: QuerySet[Trend] = Trend.objects.for_user(user).defer(None)
    if not trend.author_key:
        return mine.none()
    same = mine.filter(platform=trend.platform, author_key=trend.author_key)
    return same.exclude(pk=trend.pk).order_by("-dated_at", "-id")[:RELATED]


def with_same_hashtags(user: Any, trend: Trend) -> QuerySet[Trend]:
    """Other trends that carry one of its first hashtags, best first, of the other authors."""
    mine: QuerySet[Trend] = Trend.objects.for_user(user).defer(None)
    if not trend.hashtags:
        return mine.none()
    same = mine.filter(hashtags__overlap=trend.hashtags[:3])
    return same.exclude(author_key=trend.author_key).exclude(pk=trend.pk).order_by("-score", "-id")[:RELATED]


def fresh_since(user: Any, since: datetime, wanted: TrendFilter | None = None) -> int:
    """How many of the wanted trends were captured for the first time since a moment, counted up to 100."""
    seen = trends(user, wanted or TrendFilter()).filter(scraped_at__gte=since, created_at__gte=since)
    return seen.order_by("-scraped_at").values("pk")[:100].count()


def last_similar(user: Any, keywords: Sequence[str]) -> Scrape | None:
    """The latest scrape of a user that shared a keyword."""
    if not keywords:
        return None
    mine: QuerySet[Scrape] = Scrape.objects.for_user(user).filter(keywords__overlap=list(keywords))
    return mine.order_by("-created_at").first()


def scrape_jobs(user: Any, now: datetime) -> Sequence[Job]:
    """Scrapes of a user that work now, and those that failed within the last ten minutes, newest first."""
    # Looks at known posts are ours; they are told where alerts are graded.
    mine = Job.objects.for_user(user).filter(kind=KIND, scrape__purpose=Purpose.SEARCH)
    failed = mine.filter(state=JobState.FAILED, finished_at__gte=now - timedelta(minutes=10))
    return sorted([*mine.active()[:20], *failed[:4]], key=lambda job: job.pk, reverse=True)
