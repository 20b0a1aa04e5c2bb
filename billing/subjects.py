"""What units were spent on: each room says for its own work what it is called and where it is."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kapture.jobs.models import Job


@dataclass(frozen=True, slots=True)
class Subject:
    """What one piece of work was for: a `title`, an `url` of ours (empty when it is gone), and why it failed, if so."""

    title: str = ""
    url: str = ""
    note: str = ""


# Takes the owner, ids that units were held for, and the jobs among them; answers those the room knows, in one query.
Locate = Callable[[Any, Collection[UUID], Mapping[UUID, Job]], Mapping[UUID, Subject]]
_rooms: list[Locate] = []


def tell_subjects(locate: Locate) -> None:
    """Enter a room's answer."""
    _rooms.append(locate)


def subjects(user: Any, source_ids: Collection[UUID], jobs: Mapping[UUID, Job]) -> dict[UUID, Subject]:
    """What somebody's units were held for, as far as it is known; as many queries as there are rooms."""
    found: dict[UUID, Subject] = {}
    for locate in _rooms if source_ids else ():
        found |= locate(user, source_ids, jobs)
    return found
