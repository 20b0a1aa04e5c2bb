"""How many bytes a second came in for somebody during the last minute.

Counted in the cache, second by second, as the workers report; a cache that is away shows an empty minute.
"""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.cache import cache

from downloads.specs import JOB_KIND
from kapture.jobs.models import Job

SECONDS = 60
KEPT = 2 * SECONDS
# Seconds over which the figure beside the plot is taken; a report comes twice a second at most.
LATELY = 5


@dataclass(frozen=True, slots=True)
class Throughput:
    """Bytes that arrived in each of the last 60 whole seconds, the oldest first."""

    seconds: tuple[int, ...]

    @property
    def now(self) -> float:
        """Bytes a second over the last five seconds."""
        return sum(self.seconds[-LATELY:]) / LATELY

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came in."""
        return not any(self.seconds)

    @property
    def smooth(self) -> list[float]:
        """Means over three seconds, for a plot that shows the course and not each report."""
        padded = (self.seconds[0], *self.seconds, self.seconds[-1])
        return [sum(padded[at : at + 3]) / 3 for at in range(len(self.seconds))]


def count_bytes(job: Job, facts: dict[str, Any]) -> None:
    """Add what arrived since the last report of a download; its second file (sound beside film) begins from zero."""
    if job.kind != JOB_KIND or job.owner_id is None:
        return
    size, before = facts.get("bytes") or 0, job.facts.get("bytes") or 0
    arrived = int(size - before if size >= before else size)
    if arrived <= 0:
        return
    key = _key(job.owner_id, int(time.time()))
    cache.add(key, 0, timeout=KEPT)
    try:
        cache.incr(key, arrived)
    except ValueError:
        # The cache is away or has just forgotten the second: the plot misses a point, the download nothing.
        return


def throughput_of(user: Any) -> Throughput:
    """The last minute of somebody's downloads."""
    last = int(time.time()) - 1
    keys = [_key(user.pk, second) for second in range(last - SECONDS + 1, last + 1)]
    found = cache.get_many(keys) or {}
    return Throughput(tuple(int(found.get(key) or 0) for key in keys))


def _key(owner: UUID, second: int) -> str:
    return f"downloads:arrived:{owner}:{second}"
