"""Everything the list page shows, computed once."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from billing.queries import KindUsage, plan_of, usage_of
from downloads.choices import State
from downloads.failures import Failure, failures_of
from downloads.forms import CAPTIONS, LANES, WISHES
from downloads.models import Download
from downloads.policies import Layers
from downloads.queries import ORDERING, QUEUED, Totals, downloads_of, totals
from downloads.room import Room, room_of
from downloads.specs import DownloadQuery, DownloadSpec
from downloads.throughput import Throughput, throughput_of
from downloads.waiting import words_of
from kapture.core.choices import Platform, UsageKind
from kapture.core.paging import Page, PageRequest, paginate
from kapture.jobs.models import State as JobState

ROWS = 20
RECENT = 5
# A row that ended so lately is still green.
FRESH_SECONDS = 4
EXAMPLES = (
    (Platform.YOUTUBE.value, "youtube.com/watch"),
    (Platform.TIKTOK.value, "tiktok.com/@name/video"),
    (Platform.REDDIT.value, "reddit.com/r/…/comments"),
    (Platform.X.value, "x.com/name/status"),
)
TABS: dict[str, tuple[State, ...]] = {
    "active": (State.ACTIVE,),
    "completed": (State.COMPLETED,),
    "failed": (State.FAILED, State.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A download with why it waits, if it does, and whether it completed just now."""

    download: Download
    words: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page was asked for: a tab, words to find, one reason of failures, and which part."""

    tab: str = ""
    q: str = ""
    reason: str = ""
    wanted: PageRequest = field(default_factory=lambda: PageRequest(limit=ROWS))

    @classmethod
    def read(cls, request: HttpRequest) -> "Asked":
        """From the address."""
        get = request.GET
        return cls(get.get("tab", ""), get.get("q", ""), get.get("reason", ""), PageRequest.read(get, ROWS))


@dataclass(frozen=True, slots=True)
class ListPage:
    """The tab that is open with its rows, the figures above it, and, beside work in progress, what completed last.

    What failed stands in groups by reason, unless words or one reason were asked for.
    """

    tab: str
    q: str
    reason: str
    part: Page
    rows: tuple[Row, ...]
    recent: tuple[Row, ...]
    failures: tuple[Failure, ...]
    totals: Totals
    usage: KindUsage
    throughput: Throughput
    storage: Room
    usual: str

    @classmethod
    def of(cls, user: Any, asked: Asked | None = None) -> "ListPage":
        """The page of a tab; without one, what moves, else what is there."""
        asked, figures = asked or Asked(), totals(user)
        tab = asked.tab if asked.tab in TABS else "completed" if figures.completed and not figures.active else "active"
        query = DownloadQuery(states=TABS[tab], q=asked.q, reason=asked.reason if tab == "failed" else "")
        grouped = tab == "failed" and not query.q and not query.reason
        part = _part(user, tab, query, figures, asked.wanted, grouped=grouped)
        shown = list(part.rows)
        recent: list[Download] = []
        if tab == "active" and not query.q:
            done = downloads_of(user, DownloadQuery(states=(State.COMPLETED,)))
            recent = list(done.order_by(*ORDERING)[:RECENT])
        words = words_of(user, [download.job for download in shown])
        plan = plan_of(user)
        usual = Layers.of(user).decide(DownloadSpec(url="https://example.com/"), "").wish
        return cls(
            tab,
            query.q,
            query.reason,
            part,
            tuple(Row(download, words.get(download.job_id, "")) for download in shown),
            tuple(Row(download, fresh=_is_fresh(download)) for download in recent),
            tuple(failures_of(user)) if grouped else (),
            figures,
            usage_of(user, UsageKind.DOWNLOAD, timezone.now(), plan),
            throughput_of(user),
            room_of(user, plan),
            dict(WISHES).get(usual.key, "As usual"),
        )

    @property
    def wishes(self) -> tuple[tuple[str, str], ...]:
        """The choices of the composer; the first leaves it to the policies."""
        return (("", self.usual), *((key, words) for key, words in WISHES if words != self.usual))

    @property
    def examples(self) -> tuple[tuple[str, str], ...]:
        """Hosts whose links are known to work, by platform."""
        return EXAMPLES

    @property
    def captions(self) -> tuple[tuple[str, str], ...]:
        """Whether captions are wanted."""
        return CAPTIONS

    @property
    def lanes(self) -> tuple[tuple[str, str], ...]:
        """When it may start."""
        return LANES

    @property
    def moves(self) -> bool:
        """Whether bytes may come in."""
        return self.totals.running > 0 or not self.throughput.is_quiet

    @property
    def is_nameless(self) -> bool:
        """Whether something runs whose title is not known yet, so that a look in some seconds is worth it."""
        return any(
            not row.download.title and row.download.job.state == JobState.RUNNING and not row.download.job.is_held
            for row in self.rows
        )

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever downloaded."""
        return not self.totals.all


def bookmarklet(request: HttpRequest) -> str:
    """The address of a bookmark that brings the page one is on into the composer."""
    target = request.build_absolute_uri(reverse("downloads:list"))
    return f"javascript:location.href='{target}?url='+encodeURIComponent(location.href)"


def _part(user: Any, tab: str, query: DownloadQuery, figures: Totals, wanted: PageRequest, *, grouped: bool) -> Page:
    counts = {"active": figures.active, "completed": figures.completed, "failed": figures.failed}
    total = None if query.q or query.reason else (counts[tab], True)
    rows: QuerySet[Download] = downloads_of(user, query)
    if grouped:
        # The failed ones stand in their groups; what people cancelled themselves is listed below.
        rows, total = rows.filter(state=State.CANCELLED), (figures.cancelled, True)
    # What was asked for first is done first.
    return paginate(rows, QUEUED if tab == "active" else ORDERING, wanted, total)


def _is_fresh(download: Download) -> bool:
    done = download.completed_at
    return done is not None and (timezone.now() - done).total_seconds() < FRESH_SECONDS
