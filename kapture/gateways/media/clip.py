"""The door to cutting: a piece of a file that is here already, made in a process behind the walls of a fetch."""

import json
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.supervise import Child
from kapture.gateways.media.types import CutRequest, Fetched, Progress
from kapture.gateways.media.wire import Message, read_message, write_cut

MODULE = "kapture.gateways.media.cutting"
# The name under which the file to cut lies in the scratch folder.
SOURCE = "source"
TICK = 0.2

logger = logging.getLogger(__name__)


def cut(
    request: CutRequest,
    *,
    scratch: Path,
    on_progress: Callable[[Progress], None],
    stopped: Callable[[], bool],
) -> Fetched:
    """Cut `scratch / SOURCE` to the piece that is wanted; raises `FetchFailed` with its reason.

    Returns with the piece and its thumbnail in `scratch`, which the caller owns. No process outlives this call.
    """
    until = time.monotonic() + request.limits.max_seconds
    with Child(write_cut(request), scratch, MODULE) as child:
        for line in child.lines(TICK):
            _check(request, scratch, until, stopped)
            match _read(line, scratch):
                case FetchFailed() as failure:
                    logger.info("cut failed: %s (%s)", failure.reason, failure.detail[:500])
                    raise failure
                case Fetched() as fetched:
                    return fetched
                case Progress() as progress:
                    on_progress(progress)
        code = child.process.wait()
        logger.warning("cutting process ended with %s: %s", code, child.log_tail())
        raise FetchFailed(Reason.CRASHED, detail=f"exit code {code}")


def _check(request: CutRequest, scratch: Path, until: float, stopped: Callable[[], bool]) -> None:
    if stopped():
        raise FetchFailed(Reason.CANCELLED)
    if time.monotonic() > until:
        raise FetchFailed(Reason.TIMEOUT, detail="wall clock")
    if shutil.disk_usage(scratch).free < request.limits.free_space:
        raise FetchFailed(Reason.NO_SPACE)


def _read(line: bytes | None, scratch: Path) -> Message | None:
    if not line:
        return None
    try:
        return read_message(line, scratch)
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        return FetchFailed(Reason.CRASHED, detail=f"unreadable line: {error}")
