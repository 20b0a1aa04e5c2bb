"""Everything the list page shows, computed once."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from billing.queries import KindUsage, usage_of
from downloads.choices import State
from downloads.forms import WISHES
from downloads.models import Download
from downloads.queries import ORDERING, QUEUED, Totals, downloads_of, totals
from downloads.specs import DownloadQuery, Wish
from kapture.core.choices import UsageKind
from kapture.core.paging import Page, PageRequest, paginate
from kapture.jobs.models import State as JobState

ROWS = 20
RECENT = 5
TABS: dict[str, tuple[State, ...]] = {
    "active": (State.ACTIVE,),
    "completed": (State.COMPLETED,),
    "failed": (State.FAILED, State.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class ListPage:
    """The tab that is open with its rows, the figures above it, and, beside work in progress, what completed last."""

    tab: str
    q: str
    rows: Page
    recent: list[Download]
    totals: Totals
    usage: KindUsage

    @classmethod
    def of(cls, user: Any, tab: str = "", q: str = "", wanted: PageRequest | None = None) -> "ListPage":
        """The page of a tab; without one, what moves, else what is there."""
        figures = totals(user)
        chosen = tab if tab in TABS else "completed" if figures.completed and not figures.active else "active"
        query = DownloadQuery(states=TABS[chosen], q=q)
        counts = {"active": figures.active, "completed": figures.completed, "failed": figures.failed}
        total = None if query.q else (counts[chosen], True)
        # What was asked for first is done first.
        ordering = QUEUED if chosen == "active" else ORDERING
        rows = paginate(downloads_of(user, query), ordering, wanted or PageRequest(limit=ROWS), total)
        recent: list[Download] = []
        if chosen == "active" and not query.q:
            done = downloads_of(user, DownloadQuery(states=(State.COMPLETED,)))
            recent = list(done.order_by(*ORDERING)[:RECENT])
        usage = usage_of(user, UsageKind.DOWNLOAD, timezone.now())
        return cls(chosen, query.q, rows, recent, figures, usage)

    @classmethod
    def read(cls, request: HttpRequest) -> "ListPage":
        """The page that a request asks for."""
        wanted = PageRequest.read(request.GET, ROWS)
        return cls.of(request.user, request.GET.get("tab", ""), request.GET.get("q", ""), wanted)

    @property
    def wishes(self) -> tuple[tuple[str, str], ...]:
        """The choices of the composer."""
        return WISHES

    @property
    def default_wish(self) -> str:
        """The choice that stands in the composer at first."""
        return Wish().key

    @property
    def is_nameless(self) -> bool:
        """Whether something runs whose title is not known yet, so that a look in some seconds is worth it."""
        return any(not row.title and row.job.state == JobState.RUNNING for row in self.rows.rows)

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever downloaded."""
        return not self.totals.all
