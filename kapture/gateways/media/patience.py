"""How long a caller of the download service waits: for answers that fail to come, for the whole, and for the user."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kapture.gateways.media.line import Answer
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import Limits

# A service that is started anew, or a network that stumbles, is back by then.
PATIENCE_SECONDS = 15.0
RETRY_SECONDS: Final = 0.5
# How soon the wish to stop is heard.
STEP_SECONDS: Final = 0.1


class Patience:
    """The limits of one fetch as its caller holds them: time, speed of the delivery, space, and the wish to stop."""

    def __init__(self, limits: Limits, scratch: Path, stopped: Callable[[], bool]) -> None:
        self.limits, self.scratch, self.stopped = limits, scratch, stopped
        self.deadline: float | None = None
        self._mark: tuple[float, int] | None = None

    def begin(self) -> None:
        """The service has taken it: from now on time counts."""
        self.deadline = time.monotonic() + self.limits.max_seconds

    def check(self) -> None:
        """Raise `FetchFailed` when the fetch must end now."""
        if self.stopped():
            raise FetchFailed(Reason.CANCELLED)
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise FetchFailed(Reason.TIMEOUT, detail="wall clock")

    def check_space(self, coming: int) -> None:
        """Raise `FetchFailed` when bytes that are still to come would fill the disk."""
        if shutil.disk_usage(self.scratch).free - coming < self.limits.free_space:
            raise FetchFailed(Reason.NO_SPACE)

    def check_speed(self, received: int) -> None:
        """Raise `FetchFailed` when a delivery of `received` bytes so far has become slower than agreed."""
        now = time.monotonic()
        since, before = self._mark = self._mark or (now, received)
        if now - since < self.limits.slow_seconds:
            return
        if received - before < self.limits.min_speed * self.limits.slow_seconds:
            raise FetchFailed(Reason.TIMEOUT, detail=f"{received - before} bytes in {now - since:.0f} s of delivery")
        self._mark = (now, received)

    def ask(self, call: Callable[[], Answer]) -> Answer:
        """The answer of a call that may be repeated; raises its failure when the service stays away too long."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.check()
            try:
                return call()
            except FetchFailed as failure:
                if failure.reason != Reason.SERVICE_DOWN or time.monotonic() > until:
                    raise
            self.pause(RETRY_SECONDS)

    def pause(self, seconds: float) -> None:
        """Wait, but end at once when the fetch must."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, STEP_SECONDS))
        self.check()
