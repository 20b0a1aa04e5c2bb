"""Reads of downloads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from downloads.choices import State
from downloads.models import Download
from downloads.specs import DownloadQuery
from kapture.core.errors import NotFound
from kapture.core.searching import every_word
from kapture.jobs.models import State as JobState

ORDERING = ("-created_at", "-id")
QUEUED = ("created_at", "id")


def downloads_of(user: Any, query: DownloadQuery | None = None) -> QuerySet[Download]:
    """Somebody's downloads with all that a row shows."""
    wanted = query or DownloadQuery()
    rows: QuerySet[Download] = Download.objects.for_user(user)
    rows = rows.select_related("job", "media", "thumbnail").defer("search", "job__payload", "job__result")
    if wanted.states:
        rows = rows.filter(state__in=wanted.states)
    if wanted.job_state:
        rows = rows.filter(job__state=wanted.job_state)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.platforms:
        rows = rows.filter(platform__in=wanted.platforms)
    if wanted.reason:
        rows = rows.filter(state=State.FAILED, reason=wanted.reason)
    if (words := every_word(wanted.q)) is not None:
        rows = rows.filter(search=words)
    return rows


def download_of(user: Any, pk: Any) -> Download:
    """One download with its trend; raises `NotFound` alike for a missing and for somebody else's."""
    row = downloads_of(user).select_related("trend").filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class Totals:
    """How many downloads stand where, how many of the active ones wait or are held, and the bytes that are kept.

    `failed` counts the cancelled ones, too, as they share a tab.
    """

    active: int
    waiting: int
    completed: int
    failed: int
    size: int
    held: int = 0
    cancelled: int = 0

    @property
    def running(self) -> int:
        """Active ones that a worker is on."""
        return max(0, self.active - self.waiting - self.held)

    @property
    def all(self) -> int:
        """Every download there is."""
        return self.active + self.completed + self.failed


def totals(user: Any) -> Totals:
    """The figures above the list, in two queries."""
    rows = Download.objects.for_user(user)
    grouped = {
        row["state"]: row for row in rows.order_by().values("state").annotate(count=Count("pk"), bytes=Sum("size"))
    }

    def count(state: State) -> int:
        return int(grouped[state]["count"]) if state in grouped else 0

    queued = rows.filter(state=State.ACTIVE, job__state=JobState.QUEUED)
    figures = queued.aggregate(waiting=Count("pk", filter=Q(job__held_at=None)), all=Count("pk"))
    return Totals(
        active=count(State.ACTIVE),
        waiting=figures["waiting"],
        held=figures["all"] - figures["waiting"],
        cancelled=count(State.CANCELLED),
        completed=count(State.COMPLETED),
        failed=count(State.FAILED) + count(State.CANCELLED),
        size=sum(int(row["bytes"] or 0) for row in grouped.values()),
    )


def twin_of(user: Any, download: Download) -> Download | None:
    """An older download of the same bytes, if there is one."""
    if not download.sha256:
        return None
    same = Download.objects.for_user(user).filter(sha256=download.sha256, created_at__lt=download.created_at)
    return same.order_by("created_at").first()


def already_there(user: Any, url: str) -> Download | None:
    """The newest completed download of the same address, if there is one."""
    rows = Download.objects.for_user(user).filter(state=State.COMPLETED, clip_start_s=None)
    return rows.filter(Q(url=url) | Q(webpage_url=url)).order_by("-created_at").first()


def copies_of(user: Any, addresses: Sequence[Collection[str]]) -> list[Download | None]:
    """For each of some things, by all its addresses: the newest download that has or is getting it; in one query."""
    wanted = {address for one in addresses for address in one}
    rows = Download.objects.for_user(user).filter(state__in=(State.ACTIVE, State.COMPLETED), clip_start_s=None)
    rows = rows.filter(Q(url__in=wanted) | Q(webpage_url__in=wanted))
    found: dict[str, Download] = {}
    for row in rows.order_by("created_at", "id").only("id", "url", "webpage_url", "title", "state"):
        found |= {row.url: row, row.webpage_url: row}
    return [next((found[address] for address in one if address in found), None) for one in addresses]
