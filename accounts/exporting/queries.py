"""How exports stand: the row says what there is, its job how far it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import DataExport
from kapture.jobs.models import Job, State

EXPIRED = "expired"
STATES = [*State.choices, (EXPIRED, "Expired")]


@dataclass(frozen=True, slots=True)
class Export:
    """An export with its job, which is None when that is not known any more."""

    row: DataExport
    job: Job | None

    @property
    def pk(self) -> UUID:
        """Its id."""
        pk: UUID = self.row.pk
        return pk

    @property
    def is_ready(self) -> bool:
        """Whether its file can be had."""
        row = self.row
        return row.stored is not None and row.expires_at is not None and row.expires_at > timezone.now()

    @property
    def state(self) -> str:
        """The state of its job, or `expired` once the file of a completed one is gone."""
        if self.job is None or (self.job.state == State.COMPLETED and not self.is_ready):
            return EXPIRED
        return self.job.state

    @property
    def size(self) -> int | None:
        """Bytes of its file, while there is one."""
        return self.row.stored.size if self.is_ready and self.row.stored is not None else None

    @property
    def rows(self) -> int:
        """How many rows are in it."""
        return sum(count for name, count in self.row.counts.items() if name not in ("media", "documents"))

    @property
    def until(self) -> datetime | None:
        """When its file goes or went."""
        return self.row.expires_at


def with_jobs(rows: Iterable[DataExport]) -> list[Export]:
    """Exports with their jobs, which one query brings."""
    found = list(rows)
    jobs = Job.objects.in_bulk([row.job_id for row in found])
    return [Export(row, jobs.get(row.job_id)) for row in found]


def exports_of(user: Any) -> Any:
    """The exports of somebody, newest first."""
    return DataExport.objects.for_user(user).select_related("stored")


def latest(user: Any) -> Export | None:
    """The newest export of somebody."""
    return next(iter(with_jobs(exports_of(user)[:1])), None)
