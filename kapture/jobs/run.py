"""What a performance holds in its hands: its row, its reports and its end."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now

from kapture.core.crash import crashpoint
from kapture.core.leaving import is_leaving
from kapture.jobs.errors import JobStopped, Stop
from kapture.jobs.lifecycle import ending, held_by
from kapture.jobs.models import Job, State

REPORT_EVERY = 0.5
# Seconds after which a job learns that its worker ends; platforms give it ten or thirty before they kill it.
GLANCE = 0.5

# Called as hook(job, facts) after each report that was written; must be quick and must not raise.
reported_hooks: list[Callable[[Job, dict[str, Any]], None]] = []


class Run:
    """One attempt at a job, between claim and end."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.stopped = threading.Event()
        self.finished = False
        self._why = Stop.LOST
        self._reported = 0.0

    @property
    def payload(self) -> dict[str, Any]:
        """What was asked for."""
        return dict(self.job.payload)

    @cached_property
    def is_left(self) -> bool:
        """Whether this attempt breaks off because its worker ends, so that it does not count; settled once asked."""
        return is_leaving()

    @property
    def is_last(self) -> bool:
        """Whether no other attempt follows when this one fails."""
        return not self.is_left and self.job.attempt >= self.job.max_attempts

    def stop(self, why: Stop) -> None:
        """Make the next `check` raise."""
        if not self.stopped.is_set():
            self._why = why
            self.stopped.set()

    def check(self) -> None:
        """Raise `JobStopped` when the job was cancelled or paused, lost its lease or worker or is too late; cheap."""
        if self.stopped.is_set():
            raise JobStopped(self._why)

    def beat(self) -> None:
        """Renew the lease and learn whether to go on (called by the heartbeat thread)."""
        kept = held_by(self.job).filter(cancel_requested=False, held_at=None, deadline_at__gt=Now())
        if kept.update(lease_until=Now() + settings.JOB_LEASE):
            return
        self._learn_why()

    def _learn_why(self) -> None:
        row = held_by(self.job).values_list("cancel_requested", "held_at").first()
        if row is None:
            self.stop(Stop.LOST)
        elif row[0]:
            self.stop(Stop.CANCELLED)
        elif row[1]:
            self.stop(Stop.PAUSED)
        elif not held_by(self.job).filter(deadline_at__gt=Now()).exists():
            self.stop(Stop.DEADLINE)
        # Else it was asked to pause and told to go on before this worker noticed.

    def report(self, fraction: float | None, stage: str = "", **facts: Any) -> None:
        """Show how far the work is; writes at most twice a second and raises `JobStopped` like `check`."""
        self.check()
        now = time.monotonic()
        if now - self._reported < REPORT_EVERY:
            return
        self._reported = now
        progress = None if fraction is None else min(max(fraction, 0.0), 1.0)
        fresh = {"progress": progress, "facts": facts, "updated_at": Now(), **({"stage": stage} if stage else {})}
        if not held_by(self.job).filter(cancel_requested=False, held_at=None).update(**fresh):
            self._learn_why()
            self.check()
        for hook in reported_hooks:
            hook(self.job, facts)
        # The next report is told from this one.
        self.job.facts = facts

    @contextmanager
    def step(self) -> Iterator[None]:
        """A transaction for writes on the way; a worker that lost its lease writes nothing."""
        self.check()
        with transaction.atomic():
            if not held_by(self.job).update(lease_until=Now() + settings.JOB_LEASE):
                raise JobStopped(Stop.LOST)
            yield

    @contextmanager
    def finish(self, result: dict[str, Any], *, units: int) -> Iterator[None]:
        """End as completed: state, settled reservation and the writes inside the block, all or nothing."""
        crashpoint("jobs.before_finish")
        with ending(
            self.job, State.COMPLETED, held_by(self.job), units=units, result=result, progress=1.0, stage="", facts={}
        ):
            yield
            crashpoint("jobs.inside_finish")
        self.finished = True
        crashpoint("jobs.after_finish")


class Heartbeat(threading.Thread):
    """Keeps a run's lease alive from a thread (and connection) of its own until it is left."""

    def __init__(self, run: Run) -> None:
        super().__init__(name=f"heartbeat-{run.job.pk}", daemon=True)
        self.run_ = run
        self.over = threading.Event()

    def run(self) -> None:
        """Beat until over; a database that is away for a moment is no reason to stop beating."""
        every = settings.JOB_HEARTBEAT.total_seconds()
        due = time.monotonic() + every
        try:
            while not self.over.wait(min(GLANCE, every)):
                leaves = is_leaving() and not self.run_.stopped.is_set()
                if leaves or time.monotonic() >= due:
                    due = time.monotonic() + every
                    self._beat()
                if leaves:  # and was not cancelled before, which the beat told
                    self.run_.stop(Stop.LEAVING)
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            self.run_.beat()
        except OperationalError:
            connection.close()

    def __enter__(self) -> "Heartbeat":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.join()
