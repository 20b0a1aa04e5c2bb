"""The door to fetching: run one request in its own process, within its limits, to media or to a named reason."""

import contextlib
import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from kapture.core.dryrun import stop_before_call
from kapture.gateways.media import rotation
from kapture.gateways.media.proxy.budget import CLOSES_AFTER, LOOK_BYTES, Caps
from kapture.gateways.media.proxy.server import Proxy
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.supervise import Child
from kapture.gateways.media.types import About, Fetched, FetchRequest, Limits, Progress
from kapture.gateways.media.watching import Watch
from kapture.gateways.media.wire import read_message, write_request

TICK = 0.2
PREVIEW_SECONDS = 25.0
# A transfer that broke off is tried again from its beginning.
WIRE_FACTOR = 2

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


def preview(url: str, *, max_seconds: float = PREVIEW_SECONDS, stopped: Callable[[], bool] = lambda: False) -> About:
    """What is at an address, without fetching it; raises `FetchFailed`. Takes seconds, at most `max_seconds`."""
    stop_before_call("media")
    request = FetchRequest(url=url, allow=allowed(), limits=replace(limits(), max_seconds=max_seconds))
    Path(settings.SCRATCH).mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=settings.SCRATCH, prefix="preview-", ignore_cleanup_errors=True) as folder,
        _started(request, Path(folder), stopped, preview=True) as (child, watch),
    ):
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
    with _started(request, scratch, stopped, preview=False) as (child, watch):
        for line in child.lines(TICK):
            watch.check()
            match _read(line, scratch):
                case FetchFailed() as failure:
                    logger.info("fetch failed: %s (%s)", failure.reason, failure.detail[:500])
                    raise failure
                case Fetched() as fetched:
                    return fetched
                case About() as about:
                    watch.seen()
                    on_about(about)
                case Progress() as progress:
                    watch.heard(progress)
                    on_progress(progress)
        raise _crashed(child)


@contextlib.contextmanager
def _started(
    request: FetchRequest, scratch: Path, stopped: Callable[[], bool], *, preview: bool
) -> Iterator[tuple[Child, Watch]]:
    """A process at work, and who watches it and its only way out; how the upstream proxy did is noted at the end.

    What must end at once does not begin: raises `FetchFailed` before the site is asked for anything.
    """
    if stopped():  # whatever else would hinder it, and without taking a turn of an upstream proxy
        raise FetchFailed(Reason.CANCELLED)
    upstream = rotation.pick()
    proxy = Proxy(allow=request.allow, upstream=upstream, caps=_caps(request.limits))
    watch = Watch(request.limits, scratch, stopped, proxy)
    watch.check()
    with Child(write_request(request, preview=preview), scratch, proxy=proxy) as child:
        try:
            yield child, watch
        finally:
            rotation.record(upstream, proxy.notes)


def _caps(limits: Limits) -> Caps:
    return Caps(max_bytes=WIRE_FACTOR * limits.max_bytes + LOOK_BYTES, seconds=limits.max_seconds + CLOSES_AFTER)


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
