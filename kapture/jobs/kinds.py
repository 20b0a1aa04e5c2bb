"""The register of job kinds, filled by each room when it is loaded."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from kapture.jobs.models import Job
    from kapture.jobs.run import Run


# Messages of a queue that may lie ahead of its workers unless a kind wants fewer; a backlog waits in its rows.
WINDOW = 200


def nothing(job: "Job") -> None:
    """Leave the room's rows as they are."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """What is done for a job and within which bounds.

    `perform` does the work; `abandon` tidies the room's rows inside the transaction in which a job fails or is
    cancelled; `retry` makes a new job for the same wish (and pays for it), or is None when asking again makes no sense.
    `limits` tells how many of its kind each of some owners may have under way at once (None: any number); `window` is
    how many messages of its queue may lie ahead of the workers, the fewer the fairer; `pausable` lets owners hold it.
    """

    name: str
    label: str
    queue: str
    perform: Callable[["Run"], None]
    abandon: Callable[["Job"], None] = nothing
    retry: "Callable[[Any, Job], Job] | None" = None
    deadline: timedelta = timedelta(minutes=30)
    max_attempts: int = 3
    url_name: str = ""
    limits: Callable[[Collection[UUID]], Mapping[UUID, int]] | None = None
    window: int = WINDOW
    pausable: bool = False


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """Make a kind known under its name."""
    _kinds[kind.name] = kind


def find(name: str) -> JobKind | None:
    """The kind of that name; None for one this process does not know (an older or newer release wrote it)."""
    return _kinds.get(name)


def window_of(queue: str) -> int:
    """How many messages of a queue may lie ahead of its workers: what the most careful of its kinds asks for."""
    return min((kind.window for kind in _kinds.values() if kind.queue == queue), default=WINDOW)


def names() -> list[str]:
    """All known names."""
    return sorted(_kinds)
