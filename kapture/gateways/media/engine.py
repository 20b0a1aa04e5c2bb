"""The door to fetching: run one request in its own process, within its limits, to media or to a named reason."""

import contextlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from kapture.core.dryrun import stop_before_call
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.supervise import Child
from kapture.gateways.media.types import About, Fetched, FetchRequest, Limits, Progress, Stage
from kapture.gateways.media.wire import read_message, write_request

TICK = 0.2
PREVIEW_SECONDS = 25.0
# Parts and the finished file lie side by side for a while.
SCRATCH_FACTOR = 3
SCRATCH_EXTRA = 64 << 20

logger = logging.getLogger(__name__)


def limits() -> Limits:
    """The limits of this instance."""
    return Limits(max_bytes=settings.DOWNLOAD_MAX_BYTES, max_seconds=float(settings.DOWNLOAD_MAX_SECONDS))


def allowed() -> tuple[str, ...]:
    """The `host:port` pairs that may be reached although they are not public (the sandbox's video site)."""
    return tuple(sorted(settings.EGRESS_ALLOW))


def fetch(
    request: FetchRequest,
    *,
    scratch: Path,
    on_progress: Callable[[Progress], None],
    stopped: Callable[[], bool],
    on_about: Callable[[About], None] = lambda _: None,
) -> Fetched:
    """Fetch one address into an empty folder; raises `FetchFailed` with its reason, and then the folder is empty again.

    Returns with the file and its thumbnail in `scratch`, which the caller then owns. No process outlives this call.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        return _run(request, scratch, on_progress, stopped, on_about)
    except BaseException:
        for leftover in scratch.iterdir():
            leftover.unlink() if leftover.is_file() or leftover.is_symlink() else shutil.rmtree(leftover)
        raise


def preview(url: str, *, max_seconds: float = PREVIEW_SECONDS) -> About:
    """What is at an address, without fetching it; raises `FetchFailed`. Takes seconds, at most `max_seconds`."""
    stop_before_call("media")
    request = FetchRequest(url=url, allow=allowed(), limits=replace(limits(), max_seconds=max_seconds))
    Path(settings.SCRATCH).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.SCRATCH, prefix="preview-") as folder:
        watch = _Watch(request, Path(folder), lambda: False)
        with Child(write_request(request, preview=True), Path(folder)) as child:
            for line in child.lines(TICK):
                watch.check()
                message = read_message(line, Path(folder)) if line else None
                if isinstance(message, FetchFailed):
                    raise message
                if isinstance(message, About):
                    return message
            raise _crashed(child)


def _run(
    request: FetchRequest,
    scratch: Path,
    on_progress: Callable[[Progress], None],
    stopped: Callable[[], bool],
    on_about: Callable[[About], None],
) -> Fetched:
    watch = _Watch(request, scratch, stopped)
    watch.check()
    with Child(write_request(request, preview=False), scratch) as child:
        for line in child.lines(TICK):
            watch.check()
            match _read(line, scratch):
                case FetchFailed() as failure:
                    logger.info("fetch failed: %s (%s)", failure.reason, failure.detail[:500])
                    raise failure
                case Fetched() as fetched:
                    return fetched
                case About() as about:
                    on_about(about)
                case Progress() as progress:
                    watch.heard(progress)
                    on_progress(progress)
        raise _crashed(child)


def _read(line: bytes | None, scratch: Path) -> Fetched | About | Progress | FetchFailed | None:
    if not line:
        return None
    try:
        return read_message(line, scratch)
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        return FetchFailed(Reason.CRASHED, detail=f"unreadable line: {error}")


def _crashed(child: Child) -> FetchFailed:
    code = child.process.wait()
    logger.warning("fetch process ended with %s: %s", code, child.log_tail())
    return FetchFailed(Reason.CRASHED, detail=f"exit code {code}")


def folder_size(folder: Path) -> int:
    """Bytes of the files in a folder that another process is working in."""
    total = 0
    for entry in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError):  # renamed or removed between the two looks
            total += entry.stat(follow_symlinks=False).st_size
    return total


class _Watch:
    """The limits that only an outside observer can hold: time, speed, space, and the wish to stop."""

    def __init__(self, request: FetchRequest, scratch: Path, stopped: Callable[[], bool]) -> None:
        self.limits = request.limits
        self.scratch = scratch
        self.stopped = stopped
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

    def heard(self, progress: Progress) -> None:
        """Note what the child says of itself."""
        looking = progress.stage is Stage.LOOKING
        self.look_until = time.monotonic() + self.limits.look_seconds if looking else None
        transferring = progress.size is not None
        if transferring and not self.transferring:
            self._mark = (time.monotonic(), 0)
        self.transferring = transferring
        self.size = progress.size or self.size

    def _check_space(self) -> None:
        if shutil.disk_usage(self.scratch).free < self.limits.free_space:
            raise FetchFailed(Reason.NO_SPACE)
        used = folder_size(self.scratch)
        if used > SCRATCH_FACTOR * self.limits.max_bytes + SCRATCH_EXTRA:
            raise FetchFailed(Reason.TOO_LARGE, detail=f"{used} bytes in scratch")
