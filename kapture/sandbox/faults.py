"""How a stand-in misbehaves on command: a queue of faults, each for the next requests of one route."""

import fnmatch
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from kapture.sandbox.messages import BadRequestError, Request


class FaultMode(StrEnum):
    """What happens instead of, or to, the right answer."""

    STATUS = "status"  # an error in the vendor's envelope, with Retry-After when `retry_after` is set
    DELAY = "delay"  # the right answer, `seconds` late
    HANG = "hang"  # nothing for `seconds`, then the connection is closed
    DROP = "drop"  # the connection is closed at once, without a byte
    CUT = "cut"  # the connection is reset in the middle of the body
    TRUNCATE = "truncate"  # a shorter body that ends cleanly (broken JSON, a stream without its end), then `body`
    DRIP = "drip"  # the right answer at `bps` bytes a second
    SCHEMA = "schema"  # JSON whose keys are all renamed
    EMPTY = "empty"  # the right status with no body
    HTML = "html"  # an HTML page with status 200, as a proxy would answer
    HUGE = "huge"  # `size` bytes of JSON (64 MiB unless told)
    BODY = "body"  # exactly `body` with `status` and `content_type`


# The work behind a request is done for every mode whose answer is at least begun; `perform` overrides.
_WITHOUT_WORK = frozenset({FaultMode.STATUS, FaultMode.HANG, FaultMode.DROP, FaultMode.BODY})


@dataclass(frozen=True, slots=True)
class Fault:
    """One misbehaviour for `times` requests that match `route` (`"POST /v2/actors/*/runs"`, `"/big/*"` or `"*"`).

    `after` lets that many matching requests pass first; `contains` wants a text inside the request's body. `status` is
    500 for mode status and 200 for mode body unless told. `size` or `chunks` say where cut and truncate end the body
    (negative `chunks`: counted from the end; default: half the body).
    """

    mode: FaultMode
    route: str = "*"
    times: int = 1
    after: int = 0
    contains: str = ""
    status: int | None = None
    retry_after: float | None = None
    seconds: float = 30.0
    size: int | None = None
    chunks: int | None = None
    bps: float = 64.0
    body: Any = None
    content_type: str = "application/json"
    perform: bool | None = None

    @classmethod
    def parse(cls, value: object) -> "Fault":
        """A fault from JSON; `BadRequestError` for unknown names or modes, so that a typo never passes a test."""
        if not isinstance(value, Mapping):
            raise BadRequestError("A fault is a JSON object.")
        unknown = set(value) - {item.name for item in fields(cls)}
        if unknown:
            raise BadRequestError(f"Unknown names in a fault: {', '.join(sorted(unknown))}.")
        try:
            mode = FaultMode(value.get("mode", ""))
        except ValueError as error:
            raise BadRequestError(f"Unknown mode; one of {', '.join(FaultMode)}.") from error
        return cls(**{**value, "mode": mode})

    @property
    def performs(self) -> bool:
        """Whether the work behind the request is done although the answer goes wrong."""
        return self.mode not in _WITHOUT_WORK if self.perform is None else self.perform

    def matches(self, request: Request) -> bool:
        """Whether this fault is meant for this request."""
        method, _, pattern = self.route.rpartition(" ")
        return (
            method.upper() in ("", "*", request.method)
            and fnmatch.fnmatchcase(request.path, pattern)
            and (not self.contains or self.contains.encode() in request.body)
        )

    def payload(self) -> bytes:
        """`body` as bytes: text as it is, everything else as JSON, None as nothing."""
        if self.body is None:
            return b""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass(slots=True)
class _Queued:
    fault: Fault
    skip: int
    left: int


class FaultQueue:
    """Faults in the order they were given; the first that matches a request is used up by it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[_Queued] = []

    def add(self, fault: Fault) -> None:
        """Queue a fault behind those that wait."""
        with self._lock:
            self._queue.append(_Queued(fault, fault.after, fault.times))

    def take(self, request: Request) -> Fault | None:
        """The fault for this request, if one waits."""
        with self._lock:
            for queued in self._queue:
                if not queued.fault.matches(request):
                    continue
                if queued.skip:
                    queued.skip -= 1
                    continue
                queued.left -= 1
                if queued.left <= 0:
                    self._queue.remove(queued)
                return queued.fault
        return None

    def waiting(self) -> list[dict[str, Any]]:
        """The faults that are not used up, with how many requests each still meets (`left`)."""
        with self._lock:
            return [{**asdict(queued.fault), "left": queued.left} for queued in self._queue]

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._queue.clear()
