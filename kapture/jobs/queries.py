"""Reads of jobs."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import Error
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.http import HttpRequest

from kapture.core.health import DOWN, OK
from kapture.jobs import kinds
from kapture.jobs.models import ACTIVE, Job, State

# Jobs that ended this recently are still part of the live map, so that a page sees them end.
LINGER = timedelta(seconds=30)
LIVE_LIMIT = 100
LONG_WAIT = timedelta(minutes=1)


def count_by_room(request: HttpRequest) -> dict[str, int]:
    """How many jobs of the signed-in user have not ended, by the room they work for; one query a request."""
    known: dict[str, int] | None = getattr(request, "_jobs_by_room", None)
    if known is None:
        known = dict(_working(Job.objects.for_user(request.user).active()))
        request._jobs_by_room = known  # type: ignore[attr-defined]
    return known


def _working(active: QuerySet[Job]) -> Counter[str]:
    rooms: Counter[str] = Counter()
    for kind, count in active.order_by().values_list("kind").annotate(count=Count("pk")):
        rooms[room_of(kind)] += count
    return rooms


def count_active(request: HttpRequest) -> int:
    """How many jobs of the signed-in user have not ended."""
    return sum(count_by_room(request).values())


def room_of(kind: str) -> str:
    """The room of a job kind: `downloads.fetch` works for downloads."""
    return kind.partition(".")[0]


def worker_health() -> tuple[str, str]:
    """The probe of the workers: down when a due job waits for longer than a minute while its owner has nothing else
    of its kind under way, which it would rightly wait for.
    """
    moving = Job.objects.filter(Q(state=State.RUNNING) | Q(finished_at__gt=Now() - LONG_WAIT))
    moves = Exists(moving.filter(owner=OuterRef("owner"), kind=OuterRef("kind")))
    waiting = Job.objects.filter(state=State.QUEUED, held_at=None, run_after__lt=Now() - LONG_WAIT)
    try:
        waits = waiting.filter(~moves).exists()
    except Error:
        return DOWN, "The database does not answer."
    return (DOWN, "Due jobs wait for longer than a minute; is a worker running?") if waits else (OK, "")


@dataclass(frozen=True, slots=True)
class LiveMap:
    """What moves on a page: `values` by element key, the number of `active` jobs, and a `revision` of the rows.

    Values are those of the jobs that moved last, at most 100.
    """

    revision: str
    active: int
    values: dict[str, str | int]


def live_map(user: Any) -> LiveMap:
    """The live values of a user's jobs, from two indexed queries."""
    recent = Q(state__in=ACTIVE) | Q(finished_at__gte=Now() - LINGER)
    # What runs comes first: of a long queue only its tail would be seen otherwise.
    waits = Case(When(state=State.QUEUED, then=Value(1)), default=Value(0))
    mine = Job.objects.for_user(user)
    jobs = list(mine.filter(recent).order_by(waits, "-id").defer("payload", "result")[:LIVE_LIMIT])
    working = _working(mine.active())
    values: dict[str, str | int] = {f"nav.{room}": working[room] for room in map(room_of, kinds.names())}
    for job in jobs:
        if job.is_active:
            values |= _values(job)
    seen = ";".join(f"{job.pk}{job.state}{job.attempt}{job.lane}{job.is_held}" for job in jobs)
    return LiveMap(hashlib.sha256(seen.encode()).hexdigest()[:16], working.total(), values)


def _values(job: Job) -> dict[str, str | int]:
    shown: dict[str, str | int] = {
        "state": job.state,
        "pct": "" if job.percent is None else f"{job.percent}%",
        "bar": "" if job.percent is None else job.percent,
        "stage": job.stage or ("Paused" if job.is_held else job.get_state_display()),
    }
    if job.state == State.RUNNING:
        # Empty ones too: what is known no longer must leave the page.
        shown |= job.figures
    return {f"{job.pk}.{name}": value for name, value in shown.items()}
