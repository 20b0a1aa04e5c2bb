"""What the overview tells, read from the rows of all rooms; nothing is written here and nothing is made up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum
from django.db.models.functions import TruncDate

from billing.queries import KindUsage, owes, usage
from downloads.choices import State as DownloadState
from downloads.models import Download
from downloads.queries import downloads_of
from downloads.queries import totals as download_totals
from downloads.specs import JOB_KIND as DOWNLOADING
from downloads.specs import DownloadQuery
from ideaboards.models import Generation, Ideaboard
from ideaboards.queries import HEAVY, counted
from ideaboards.queries import recent as recent_boards
from kapture.core.choices import Platform
from kapture.core.paging import count
from kapture.jobs.models import Job
from kapture.jobs.models import State as JobState
from trends.models import Scrape, Trend
from trends.queries import Totals
from trends.queries import totals as trend_totals

WEEK, CHART_DAYS = 7, 30
BREAKOUT = 5.0
RISING, SHOWN = 6, 4
# A failure older than this is history, not news.
FRESH = timedelta(days=3)
KEPT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Pace:
    """How many of something there are, and how many came on each of the last 14 days (UTC, today last)."""

    total: int
    exact: bool
    days: Sequence[int]

    @property
    def this_week(self) -> int:
        """Of the last seven days, today among them."""
        return sum(self.days[-WEEK:])

    @property
    def last_week(self) -> int:
        """Of the seven days before."""
        return sum(self.days[:-WEEK])


@dataclass(frozen=True, slots=True)
class Reach:
    """Reach of captured posts by platform and day of publishing over 30 days, and how many broke out on each of 14."""

    by_platform: dict[Platform, list[int]]
    breakouts: list[int]


@dataclass(frozen=True, slots=True)
class Now:
    """What moves: downloads under way (or else the last ones done), boards, failures, what runs out, what is owed."""

    active: list[Download]
    active_count: int
    done: list[Download]
    boards: list[Ideaboard]
    failures: list[Job]
    scarce: list[KindUsage]
    owes: bool

    @property
    def needs_attention(self) -> bool:
        """Whether something waits for a decision."""
        return bool(self.failures or self.scarce or self.owes)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show; the first steps on the page say what to do then."""
        return not (self.active or self.done or self.boards or self.needs_attention)


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page."""

    trends: Totals
    captured: Pace
    breakouts: Pace
    media: Pace
    ideas: Pace
    reach: Reach
    rising: list[Trend]
    now: Now
    downloads: int


def overview(user: Any, now: datetime) -> Overview:
    """All reads of the page; their number does not depend on how much somebody has."""
    captured, downloads = trend_totals(user), download_totals(user)
    reach = reach_of(user, captured, now)
    drafted = Generation.objects.for_user(user).filter(state=Generation.State.COMPLETED)
    return Overview(
        trends=captured,
        captured=Pace(captured.all, True, _captured(user, now)),
        breakouts=Pace(sum(reach.breakouts[-WEEK:]), True, reach.breakouts),
        media=Pace(downloads.completed, True, _saved(user, now)),
        ideas=Pace(*count(drafted), _per_day(drafted, "created_at", now)),
        reach=reach,
        rising=list(Trend.objects.for_user(user).order_by("-score", "-id")[:RISING]),
        now=moving(user, now),
        downloads=downloads.all,
    )


def moving(user: Any, now: datetime) -> Now:
    """The part of the page that is fetched again when work ends."""
    under_way = downloads_of(user, DownloadQuery(states=(DownloadState.ACTIVE,)))
    active = list(under_way.order_by("created_at", "id")[:SHOWN])
    done = downloads_of(user, DownloadQuery(states=(DownloadState.COMPLETED,))).order_by("-created_at", "-id")
    return Now(
        active=active,
        active_count=under_way.order_by().count(),
        done=[] if active else list(done[:SHOWN]),
        boards=list(counted(recent_boards(user, SHOWN)).defer(*HEAVY)),
        failures=failures(user, now),
        scarce=[row for row in usage(user, now) if row.runs_low],
        owes=owes(user),
    )


def failures(user: Any, now: datetime) -> list[Job]:
    """Work that failed lately and was not asked for again, newest first."""
    mine = Job.objects.for_user(user)
    later = mine.filter(kind=OuterRef("kind"), title=OuterRef("title"), created_at__gt=OuterRef("created_at"))
    lately = mine.filter(state=JobState.FAILED, finished_at__gte=now - FRESH).defer("payload", "result")
    open_ones = lately.exclude(kind=DOWNLOADING, download__isnull=True).exclude(Exists(later))
    return list(open_ones.order_by("-finished_at")[:SHOWN])


def reach_of(user: Any, totals: Totals, now: datetime) -> Reach:
    """Reach and breakouts by day, kept until the next scrape or deletion changes the totals."""
    today = now.astimezone(UTC).date()
    key = f"overview:{user.pk}:{today}:{totals.all}:{totals.last_look_at}"
    found: Reach | None = cache.get(key)
    if found is None:
        found = _reach(user, now)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _reach(user: Any, now: datetime) -> Reach:
    mine = Trend.objects.for_user(user)
    since = _begin(now, CHART_DAYS)
    published = mine.filter(dated_at__gte=since, dated_at__lte=now).annotate(day=TruncDate("dated_at", tzinfo=UTC))
    sums = published.order_by().values_list("platform", "day").annotate(sum=Sum("reach"))
    by_platform: dict[Platform, list[tuple[date, int]]] = {}
    for platform, day, total in sums:
        by_platform.setdefault(Platform(platform), []).append((day, total))
    fresh = mine.filter(score__gte=BREAKOUT, scraped_at__gte=_begin(now, 2 * WEEK))
    return Reach(
        {name: _spread(by_platform[name], now, CHART_DAYS) for name in Platform if name in by_platform},
        _per_day(fresh, "created_at", now),
    )


def _captured(user: Any, now: datetime) -> list[int]:
    """Trends that were new, by the day of their scrape: scrapes are few where trends are many."""
    scrapes = Scrape.objects.for_user(user).filter(created_at__gte=_begin(now, 2 * WEEK))
    days = scrapes.annotate(day=TruncDate("created_at", tzinfo=UTC)).order_by().values_list("day")
    return _spread(days.annotate(sum=Sum("stored")), now, 2 * WEEK)


def _saved(user: Any, now: datetime) -> list[int]:
    # A download ends within hours of its wish, so the index on the wish finds all that ended in the window.
    early = _begin(now, 2 * WEEK + 1)
    ended = Download.objects.for_user(user).filter(state=DownloadState.COMPLETED, created_at__gte=early)
    return _per_day(ended, "completed_at", now)


def _per_day(rows: QuerySet[Any], field: str, now: datetime) -> list[int]:
    """How many rows fall on each of the last 14 days."""
    window = rows.filter(**{f"{field}__gte": _begin(now, 2 * WEEK)})
    days = window.annotate(day=TruncDate(F(field), tzinfo=UTC)).order_by().values_list("day")
    return _spread(days.annotate(sum=Count("pk")), now, 2 * WEEK)


def _begin(now: datetime, days: int) -> datetime:
    """Midnight (UTC) that begins a window of so many days which ends with today."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days - 1)


def _spread(sums: Iterable[tuple[date, int | None]], now: datetime, days: int) -> list[int]:
    first = _begin(now, days).date()
    values = [0] * days
    for day, total in sums:
        index = (day - first).days
        if 0 <= index < days:
            values[index] = int(total or 0)
    return values
