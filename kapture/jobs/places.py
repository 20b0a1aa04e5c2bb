"""Places: how many jobs of each owner and queue are under way, and how many more may be."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings

from kapture.jobs import kinds
from kapture.jobs.lanes import Lane
from kapture.jobs.models import NOBODY


@dataclass(frozen=True, slots=True)
class Line:
    """Jobs of one owner and kind in one lane, waiting behind each other; `owner` is NOBODY for the machine's own."""

    lane: Lane
    owner: UUID
    kind: str


@dataclass(slots=True)
class Places:
    """What is under way, and how many more may be: by owner and kind, and by queue."""

    limits: dict[tuple[UUID, str], int] = field(default_factory=dict)
    running: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    by_owner: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    sent_of: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    windows: dict[str, int] = field(default_factory=dict)

    def room(self, queue: str) -> int:
        """How many more messages may lie ahead of the workers of a queue."""
        return self.window(queue) - self.sent[queue]

    def window(self, queue: str) -> int:
        """The window of a queue, looked up once."""
        if queue not in self.windows:
            self.windows[queue] = kinds.window_of(queue)
        return self.windows[queue]

    def left(self, line: Line) -> int:
        """How many more of a line may be sent now."""
        queue = queue_of(line.kind)
        window, room = self.window(queue), self.room(queue)
        if room <= 0:
            return 0
        if line.owner != NOBODY:
            # However many one person waits for, half of what lies ahead of the workers stays free for others.
            room = min(room, (window + 1) // 2 - self.sent_of[line.owner, queue])
        limit = self.limits.get((line.owner, line.kind))
        return max(0, room if limit is None else min(room, limit - self.running[line.owner, line.kind]))

    def take(self, line: Line, count: int = 1) -> None:
        """Count a job as sent."""
        self.started(line, count)
        self.sent[queue_of(line.kind)] += count
        self.sent_of[line.owner, queue_of(line.kind)] += count

    def started(self, line: Line, count: int = 1) -> None:
        """Count a job as under way."""
        self.running[line.owner, line.kind] += count
        self.by_owner[line.owner, queue_of(line.kind)] += count


def queue_of(kind: str) -> str:
    """The queue of a kind; work of another release goes to the default one."""
    known = kinds.find(kind)
    return known.queue if known else str(settings.CELERY_TASK_DEFAULT_QUEUE)
