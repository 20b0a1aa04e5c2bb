"""How much somebody stores and may store by their plan, and who is refused when there is no more room."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Sum

from billing.models import Plan
from billing.offers import storage
from billing.queries import plan_of
from kapture.core.errors import UsageExceeded
from kapture.core.locks import Lock, wait_for
from kapture.jobs.errors import JobFailed
from kapture.objects.models import StoredObject

FULL = "storage_full"
WHAT_HELPS = ("Delete what you no longer need, and empty the trash.", "Choose a plan with more storage.")
State = StoredObject.State


class StorageFull(UsageExceeded):
    """The plan's storage is used up; the code is that of every limit of a plan, and `details.type` is `storage`."""


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that somebody stores (with what is just being stored, and the trash), and how many their plan keeps."""

    used: int
    cap: int

    @property
    def free(self) -> int:
        """Bytes left, never below zero: after a change to a smaller plan more may be used than it keeps."""
        return max(0, self.cap - self.used)

    @property
    def is_full(self) -> bool:
        """Whether nothing more is taken."""
        return not self.free


def room_of(user: Any, plan: Plan | None = None) -> Room:
    """Somebody's room, in three queries, of which one adds up an index and two are for the plan, unless it is known."""
    return Room(_used(user.pk, (State.LIVE, State.PENDING)), (plan or plan_of(user)).storage_bytes)


def check_room(user: Any) -> None:
    """Refuse a new wish of somebody whose storage is full; raises `StorageFull` with what helps."""
    room = room_of(user)
    if room.is_full:
        raise StorageFull(
            f"Your storage is full: {storage(room.used)} of {storage(room.cap)} are used.",
            details={
                "type": "storage",
                "limit": room.cap,
                "current": room.used,
                "remaining": 0,
                "resetsAt": None,
                "upgradeUrl": "/usage/plans/",
                "alternatives": list(WHAT_HELPS),
            },
        )


def check_fits(user: Any, size: int) -> None:
    """Save storing a file that will not be kept; raises `JobFailed`. What counts is `take_room` at the end."""
    _refuse_above(user, size)


def take_room(user: Any, rows: Collection[StoredObject]) -> None:
    """Let files of a download become live, in the transaction that ends it; raises `JobFailed` past the plan's storage.

    Endings of the same person come one after the other from here on, so no two can both take the last of it.
    """
    wait_for(Lock.ROOM, user)
    _refuse_above(user, sum(row.size for row in rows))


def _refuse_above(user: Any, size: int) -> None:
    room = Room(_used(user.pk, (State.LIVE,)), plan_of(user).storage_bytes)
    if size > room.free:
        raise JobFailed(
            FULL,
            f"This takes {storage(size)}, and {storage(room.free)} of your storage are left.",
            remedy=" ".join(WHAT_HELPS),
        )


def _used(owner_id: UUID, states: Collection[State]) -> int:
    rows = StoredObject.objects.filter(owner_id=owner_id, state__in=states)
    return int(rows.aggregate(size=Sum("size"))["size"] or 0)
