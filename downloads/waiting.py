"""Why a download waits, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from billing.queries import concurrent_downloads
from downloads.specs import JOB_KIND
from kapture.jobs.lanes import Lane
from kapture.jobs.models import Job, State
from kapture.web.formats import until

# Nobody counts further than this.
FAR = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody's downloads that are due and wait, in the order they are served; how many are under way, and may be."""

    places: dict[UUID, int]
    under_way: int
    limit: int

    @classmethod
    def of(cls, user: Any) -> "Line":
        """The line as it is now, in four queries however long it is."""
        mine = Job.objects.for_user(user).filter(kind=JOB_KIND)
        sent = Q(state=State.RUNNING) | Q(state=State.QUEUED, dispatched_at__isnull=False)
        waiting = mine.filter(state=State.QUEUED, dispatched_at=None, held_at=None, run_after__lte=timezone.now())
        ids = waiting.order_by("lane", "run_after", "id").values_list("pk", flat=True)[:FAR]
        limit = concurrent_downloads([user.pk]).get(user.pk, 1)
        return cls({pk: place for place, pk in enumerate(ids)}, mine.filter(sent).count(), limit)

    def words(self, job: Job, now: datetime) -> str:
        """Why a job waits; empty for one that does not."""
        if job.state != State.QUEUED:
            return "Pausing" if job.is_held and job.is_active else ""
        if job.is_held:
            return "Paused"
        if job.run_after > now:
            return _later(job, now)
        if job.dispatched_at is not None:
            return "Starts next"
        free = max(0, self.limit - self.under_way)
        ahead = self.places.get(job.pk, FAR) - free
        if ahead < 0:
            return "Starts next"
        if ahead:
            return f"Over {FAR:,} ahead of it" if ahead >= FAR else f"{ahead:,} ahead of it"
        return f"Waits for one of your {self.limit} slots" if self.limit > 1 else "Waits for your one slot"


def _later(job: Job, now: datetime) -> str:
    if job.lane == Lane.NIGHT and not job.attempt:
        return f"Tonight at {job.run_after:%H:%M} UTC"
    return (
        "Tries again soon" if job.run_after - now < timedelta(minutes=1) else f"Tries again {until(job.run_after, now)}"
    )


def words_of(user: Any, jobs: Iterable[Job]) -> dict[UUID, str]:
    """Why each of some jobs waits, by id; no query where none does."""
    waiting = [job for job in jobs if job.is_active]
    if not waiting:
        return {}
    line, now = Line.of(user), timezone.now()
    return {job.pk: words for job in waiting if (words := line.words(job, now))}
