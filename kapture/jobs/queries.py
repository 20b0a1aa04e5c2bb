"""Reads of jobs."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import Error
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest

from kapture.core.health import DOWN, OK
from kapture.jobs import kinds
from kapture.jobs.models import ACTIVE, Job, State
from kapture.web.formats import filesize_si

# Jobs that ended this recently are still part of the live map, so that a page sees them end.
LINGER = timedelta(seconds=30)
LIVE_LIMIT = 100
LONG_WAIT = timedelta(minutes=1)


def count_by_room(request: HttpRequest) -> dict[str, int]:
    """How many jobs of the signed-in user have not ended, by the room they work for; one query a request."""
    known: dict[str, int] | None = getattr(request, "_jobs_by_room", None)
    if known is None:
        active = Job.objects.for_user(request.user).active().values_list("kind", flat=True)
        known = dict(Counter(map(room_of, active)))
        request._jobs_by_room = known  # type: ignore[attr-defined]
    return known


def count_active(request: HttpRequest) -> int:
    """How many jobs of the signed-in user have not ended."""
    return sum(count_by_room(request).values())


def room_of(kind: str) -> str:
    """The room of a job kind: `downloads.fetch` works for downloads."""
    return kind.partition(".")[0]


def worker_health() -> tuple[str, str]:
    """The probe of the workers: down when a due job waits longer than a minute."""
    try:
        waits = Job.objects.filter(state=State.QUEUED, run_after__lt=Now() - LONG_WAIT).exists()
    except Error:
        return DOWN, "The database does not answer."
    return (DOWN, "Due jobs wait for longer than a minute; is a worker running?") if waits else (OK, "")


@dataclass(frozen=True, slots=True)
class LiveMap:
    """What moves on a page: `values` by element key, the number of `active` jobs, and a `revision` of the rows."""

    revision: str
    active: int
    values: dict[str, str | int]


def live_map(user: Any) -> LiveMap:
    """The live values of a user's jobs, from one indexed query."""
    recent = Q(state__in=ACTIVE) | Q(finished_at__gte=Now() - LINGER)
    jobs = list(Job.objects.for_user(user).filter(recent).order_by("-id").defer("payload", "result")[:LIVE_LIMIT])
    active = [job for job in jobs if job.is_active]
    working = Counter(room_of(job.kind) for job in active)
    values: dict[str, str | int] = {f"nav.{room}": working[room] for room in map(room_of, kinds.names())}
    for job in active:
        values |= _values(job)
    seen = ";".join(f"{job.pk}{job.state}{job.attempt}" for job in jobs)
    return LiveMap(hashlib.sha256(seen.encode()).hexdigest()[:16], len(active), values)


def _values(job: Job) -> dict[str, str | int]:
    key = str(job.pk)
    facts = job.facts
    shown: dict[str, str | int] = {
        f"{key}.pct": "" if job.percent is None else f"{job.percent}%",
        f"{key}.bar": "" if job.percent is None else job.percent,
        f"{key}.stage": job.stage or job.get_state_display(),
    }
    if speed := facts.get("speed"):
        shown[f"{key}.speed"] = f"{filesize_si(speed)}/s"
    if (eta := facts.get("eta")) is not None:
        shown[f"{key}.eta"] = f"{int(eta) // 60}:{int(eta) % 60:02d} left"
    if count := facts.get("count"):
        shown[f"{key}.count"] = f"{count:,}"
    return shown
