"""The register of job kinds, filled by each room when it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kapture.jobs.models import Job
    from kapture.jobs.run import Run


def nothing(job: "Job") -> None:
    """Leave the room's rows as they are."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """What is done for a job and within which bounds.

    `perform` does the work; `abandon` tidies the room's rows inside the transaction in which a job fails or is
    cancelled; `retry` makes a new job for the same wish (and pays for it), or is None when asking again makes no sense.
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


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """Make a kind known under its name."""
    _kinds[kind.name] = kind


def find(name: str) -> JobKind | None:
    """The kind of that name; None for one this process does not know (an older or newer release wrote it)."""
    return _kinds.get(name)


def names() -> list[str]:
    """All known names."""
    return sorted(_kinds)
