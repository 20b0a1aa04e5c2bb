"""The limits that only an outside observer of a fetch can hold: time, speed, space, the way out, the wish to stop."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kapture.gateways.media.proxy.server import Proxy
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import Limits, Progress, Stage

# Parts and the finished file lie side by side for a while.
SCRATCH_FACTOR: Final = 3
SCRATCH_EXTRA: Final = 64 << 20


def folder_size(folder: Path) -> int:
    """Bytes of the files in a folder that another process is working in."""
    total = 0
    for entry in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError):  # renamed or removed between the two looks
            total += entry.stat(follow_symlinks=False).st_size
    return total


class Watch:
    """Watches one fetch from outside."""

    def __init__(self, limits: Limits, scratch: Path, stopped: Callable[[], bool], proxy: Proxy) -> None:
        self.limits = limits
        self.scratch = scratch
        self.stopped = stopped
        self.proxy = proxy
        self.deadline = time.monotonic() + self.limits.max_seconds
        self.size = 0
        self.transferring = False
        self.look_until: float | None = None
        self._mark = (time.monotonic(), 0)

    def check(self) -> None:
        """Raise `FetchFailed` when the fetch must end now."""
        now = time.monotonic()
        if self.stopped():
            raise FetchFailed(Reason.CANCELLED)
        self._check_way_out()
        if now > self.deadline:
            raise FetchFailed(Reason.TIMEOUT, detail="wall clock")
        if self.look_until is not None and now > self.look_until:
            raise FetchFailed(Reason.TIMEOUT, detail="looking")
        self._check_space()
        since, size = self._mark
        if now - since >= self.limits.slow_seconds:
            if self.transferring and self.size - size < self.limits.min_speed * self.limits.slow_seconds:
                raise FetchFailed(Reason.TIMEOUT, detail=f"{self.size - size} bytes in {now - since:.0f} s")
            self._mark = (now, self.size)

    def seen(self) -> None:
        """Note that looking is over, so that the media itself may come."""
        self.proxy.budget.widen()

    def heard(self, progress: Progress) -> None:
        """Note what the child says of itself."""
        looking = progress.stage is Stage.LOOKING
        self.look_until = time.monotonic() + self.limits.look_seconds if looking else None
        if not looking:
            self.seen()
        transferring = progress.size is not None
        if transferring and not self.transferring:
            self._mark = (time.monotonic(), 0)
        self.transferring = transferring
        self.size = progress.size or self.size

    def _check_way_out(self) -> None:
        """What the proxy noted counts, whatever the client made of its answer."""
        if self.proxy.notes.refused:
            raise FetchFailed(Reason.REFUSED_ADDRESS, detail=self.proxy.notes.refused)
        if self.proxy.budget.is_spent:
            raise FetchFailed(Reason.TOO_LARGE, detail=f"{self.proxy.budget.used} bytes came")

    def _check_space(self) -> None:
        if shutil.disk_usage(self.scratch).free < self.limits.free_space:
            raise FetchFailed(Reason.NO_SPACE)
        used = folder_size(self.scratch)
        if used > SCRATCH_FACTOR * self.limits.max_bytes + SCRATCH_EXTRA:
            raise FetchFailed(Reason.TOO_LARGE, detail=f"{used} bytes in scratch")
