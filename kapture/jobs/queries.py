"""Reads of jobs."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest

from kapture.jobs.models import ACTIVE, Job

# Jobs that ended this recently are still part of the live map, so that a page sees them end.
LINGER = timedelta(seconds=30)
LIVE_LIMIT = 100


def count_active(request: HttpRequest) -> int:
    """How many jobs of the signed-in user have not ended."""
    return int(Job.objects.for_user(request.user).active().count())


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
    values: dict[str, str | int] = {}
    for job in jobs:
        if job.is_active:
            values |= _values(job)
    seen = ";".join(f"{job.pk}{job.state}{job.attempt}" for job in jobs)
    active = sum(job.is_active for job in jobs)
    return LiveMap(hashlib.sha256(seen.encode()).hexdigest()[:16], active, values)


def _values(job: Job) -> dict[str, str | int]:
    key = str(job.pk)
    facts = job.facts
    shown: dict[str, str | int] = {
        f"{key}.pct": "" if job.percent is None else f"{job.percent}%",
        f"{key}.stage": job.stage or job.get_state_display(),
    }
    if job.percent is not None:
        shown[f"{key}.bar"] = job.percent
    if speed := facts.get("speed"):
        shown[f"{key}.speed"] = f"{speed / 1e6:.1f} MB/s"
    if (eta := facts.get("eta")) is not None:
        shown[f"{key}.eta"] = f"{int(eta) // 60}:{int(eta) % 60:02d} left"
    if count := facts.get("count"):
        shown[f"{key}.count"] = f"{count:,}"
    return shown
