"""Runs of Apify actors, moved by the clock alone: a run is what its start, its length and its abort say it is now."""

import secrets
import string
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kapture.sandbox.clock import iso

Item = dict[str, Any]
# Dataset items are charged one by one; public price lists of these actors are near 0.40 to 5 USD per 1000 items.
USD_PER_ITEM = 0.002
_ALPHABET = string.ascii_letters + string.digits
FINISHED = frozenset({"SUCCEEDED", "FAILED", "ABORTED", "TIMED-OUT"})


def new_id() -> str:
    """Seventeen letters and digits, as Apify's ids."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(17))


@dataclass(slots=True)
class Run:
    """One run: `items` are all it will ever find, `seconds` is how long that takes."""

    actor: str
    run_input: dict[str, Any]
    items: list[Item]
    seconds: float
    started: datetime
    timeout_seconds: int = 0
    max_items: int | None = None
    max_charge_usd: float | None = None
    fails: bool = False
    body_bytes: int = 0
    aborted: datetime | None = None
    id: str = field(default_factory=new_id)
    dataset_id: str = field(default_factory=new_id)
    store_id: str = field(default_factory=new_id)
    queue_id: str = field(default_factory=new_id)

    @property
    def ends(self) -> float:
        """Seconds from the start to the end, if nobody aborts."""
        return min(self.seconds, self.timeout_seconds or self.seconds)

    def elapsed(self, now: datetime) -> float:
        """Seconds of work done until `now`."""
        until = min(now, self.aborted) if self.aborted else now
        return min((until - self.started).total_seconds(), self.ends)

    def finished(self, now: datetime) -> bool:
        """Whether nothing will be added any more."""
        return self.aborted is not None or (now - self.started).total_seconds() >= self.ends

    def status(self, now: datetime) -> str:
        """READY for the first moment, then RUNNING, then how it ended."""
        if self.aborted:
            return "ABORTED"
        if not self.finished(now):
            return "READY" if self.elapsed(now) < min(0.2, self.seconds / 10) else "RUNNING"
        if self.fails:
            return "FAILED"
        return "TIMED-OUT" if self.ends < self.seconds else "SUCCEEDED"

    def found(self, now: datetime) -> list[Item]:
        """The items in the dataset by now."""
        done = self.elapsed(now) / self.seconds if self.seconds else 1.0
        return self.items[: int(len(self.items) * min(done, 1.0) + 1e-9)]

    def shown(self, now: datetime) -> dict[str, Any]:
        """The run object of the API."""
        status, count = self.status(now), len(self.found(now))
        over = status in FINISHED
        return {
            **self._constant(),
            "status": status,
            "statusMessage": f"Finished with {count} results." if over else f"Found {count} results so far.",
            "isStatusMessageTerminal": over,
            "finishedAt": iso(self.aborted or _later(self.started, self.ends)) if over else None,
            "exitCode": (0 if status == "SUCCEEDED" else 1) if over else None,
            "stats": {
                "inputBodyLen": self.body_bytes,
                "restartCount": 0,
                "resurrectCount": 0,
                "durationMillis": int(self.elapsed(now) * 1000),
                "runTimeSecs": round(self.elapsed(now), 3),
                "computeUnits": round(self.elapsed(now) / 3600, 6),
            },
            "usageTotalUsd": round(count * USD_PER_ITEM, 6),
            "chargedEventCounts": {"dataset-item": count},
        }

    def _constant(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "actId": actor_id(self.actor),
            "userId": "sandboxUser000001",
            "startedAt": iso(self.started),
            "meta": {"origin": "API", "userAgent": "kapture"},
            "options": {
                "build": "latest",
                "timeoutSecs": self.timeout_seconds,
                "memoryMbytes": 1024,
                "diskMbytes": 2048,
                **({"maxItems": self.max_items} if self.max_items is not None else {}),
                **({"maxTotalChargeUsd": self.max_charge_usd} if self.max_charge_usd is not None else {}),
            },
            "buildId": "sandboxBuild00001",
            "defaultKeyValueStoreId": self.store_id,
            "defaultDatasetId": self.dataset_id,
            "defaultRequestQueueId": self.queue_id,
        }


class Runs:
    """All runs since the start or the last reset; waiting ends at once when a run is aborted or the server closes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._runs: dict[str, Run] = {}

    def add(self, run: Run) -> None:
        """Keep a run that was just started."""
        with self._changed:
            self._runs[run.id] = run

    def get(self, run_id: str) -> Run | None:
        """A run by its id."""
        return self._runs.get(run_id)

    def of_dataset(self, dataset_id: str) -> Run | None:
        """The run that fills this dataset."""
        return next((run for run in self.all() if run.dataset_id == dataset_id), None)

    def of_store(self, store_id: str) -> Run | None:
        """The run whose input lies in this key-value store."""
        return next((run for run in self.all() if run.store_id == store_id), None)

    def all(self) -> list[Run]:
        """Every run, oldest first."""
        with self._changed:
            return list(self._runs.values())

    def abort(self, run: Run) -> None:
        """Stop a run that still works."""
        with self._changed:
            if not run.finished(self._clock()):
                run.aborted = self._clock()
            self._changed.notify_all()

    def wait(self, run: Run, seconds: float) -> None:
        """Come back when the run is finished or `seconds` have passed."""
        with self._changed:
            left = run.ends - (self._clock() - run.started).total_seconds()
            if not run.finished(self._clock()):
                self._changed.wait_for(lambda: run.aborted is not None or run.id not in self._runs, min(seconds, left))

    def clear(self) -> None:
        """Forget all runs."""
        with self._changed:
            self._runs.clear()
            self._changed.notify_all()


def actor_id(name: str) -> str:
    """The seventeen letters by which a run names its actor."""
    letters = "".join(letter for letter in name if letter.isalnum())
    return (letters + "sandboxActor00000")[:17]


def _later(moment: datetime, seconds: float) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() + seconds, UTC)
