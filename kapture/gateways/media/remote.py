"""The engine on another machine: the promise of `engine.fetch` and `engine.preview`, kept through its service.

A fetch is started under a key that the caller makes up, so that asking twice starts it once and cancelling needs no
answer. Then it is asked about twice a second, its files are brought here and compared, and the service forgets it.
"""

import contextlib
import json
import logging
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from kapture.core.dryrun import stop_before_call
from kapture.core.errors import Unavailable
from kapture.gateways.breaker import guarded
from kapture.gateways.media.delivery import Delivery
from kapture.gateways.media.line import Answer, Line, Lost
from kapture.gateways.media.patience import Patience
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.told import read_about, read_failure, read_progress
from kapture.gateways.media.types import About, Fetched, FetchRequest, Progress
from kapture.gateways.media.wire import write_request

SERVICE: Final = "fetcher"
POLL_SECONDS: Final = 0.5
LEAVE_SECONDS: Final = 10.0
# A service without room is waited for, as a queue would; this and the longest fetch fit into one worker's time.
BUSY_SECONDS: Final = 600.0

logger = logging.getLogger(__name__)


def fetch(
    request: FetchRequest,
    *,
    scratch: Path,
    on_progress: Callable[[Progress], None],
    stopped: Callable[[], bool],
    on_about: Callable[[About], None] = lambda _: None,
) -> Fetched:
    """The promise of `engine.fetch`; its failures are joined by those of the service itself (`Reason.SERVICE_…`)."""
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        with Line() as line:
            return _Errand(line, request, scratch, stopped).run(on_progress, on_about)
    except BaseException as error:
        if isinstance(error, FetchFailed):
            logger.info("fetch failed elsewhere: %s (%s)", error.reason, error.detail[:500])
        for leftover in scratch.iterdir():
            leftover.unlink() if leftover.is_file() or leftover.is_symlink() else shutil.rmtree(leftover)
        raise


def preview(url: str, *, max_seconds: float) -> About:
    """The promise of `engine.preview`; its failures are joined by those of the service itself."""
    stop_before_call("media")
    with Line() as line:
        body = {"url": url, "seconds": max_seconds}
        answer = _guarded(lambda: line.ask("POST", "/preview", body, seconds=max_seconds + 5))
    if answer.status == 429:
        raise FetchFailed(Reason.SERVICE_DOWN, detail="no room")
    if answer.status != 200:
        raise FetchFailed(Reason.SERVICE_FAULT, detail=f"a look answered {answer.status}")
    about = read_about(answer.values)
    if about is None:
        raise read_failure(answer.values) or FetchFailed(Reason.SERVICE_FAULT, detail="a look without a result")
    return about


class _Errand:
    """One fetch at the service, from its start until the service has forgotten it."""

    def __init__(self, line: Line, request: FetchRequest, scratch: Path, stopped: Callable[[], bool]) -> None:
        self.line, self.request, self.scratch = line, request, scratch
        self.patience = Patience(request.limits, scratch, stopped)
        # The folder's name says in the service's log which attempt this was.
        self.key = f"{''.join(one for one in scratch.name if one.isascii() and one.isalnum())[:50]}-{uuid4().hex}"
        self.path = f"/download/{self.key}"

    def run(self, on_progress: Callable[[Progress], None], on_about: Callable[[About], None]) -> Fetched:
        """Start, follow, bring home; whatever happens, the service is told that it is over."""
        self.patience.check()
        try:
            self._start()
            values = self._follow(on_progress, on_about)
            return Delivery(self.line, self.path, self.scratch, self.patience, on_progress).bring(values)
        finally:
            # One that does not hear it forgets by itself, since nobody asks any more.
            with contextlib.suppress(FetchFailed):
                self.line.ask("DELETE", self.path, seconds=LEAVE_SECONDS)

    def _start(self) -> None:
        values = json.loads(write_request(self.request, preview=False))
        body = {**{name: values[name] for name in values if name not in {"allow", "preview"}}, "key": self.key}
        until = time.monotonic() + BUSY_SECONDS
        while True:
            answer = self.patience.ask(lambda: _guarded(lambda: self.line.ask("POST", "/download", body)))
            if answer.status == 202:
                self.patience.begin()
                return
            if answer.status != 429:
                raise FetchFailed(Reason.SERVICE_FAULT, detail=f"a start answered {answer.status}")
            if time.monotonic() > until:
                raise FetchFailed(Reason.SERVICE_DOWN, detail="no room")
            self.patience.pause(answer.wait)

    def _follow(self, on_progress: Callable[[Progress], None], on_about: Callable[[About], None]) -> Mapping[str, Any]:
        """Ask until the service has the media; answers what it says of it."""
        about: About | None = None
        last: Progress | None = None
        wait = POLL_SECONDS / 8
        while True:
            values = _found(self.patience.ask(lambda: self.line.ask("GET", self.path)))
            told, now, failed = read_about(values), read_progress(values), read_failure(values)
            if about is None and told is not None:
                about = told
                on_about(about)
            if now is not None and now != last:
                last = now
                on_progress(now)
            if failed is not None:
                # Nobody here has cancelled it: the service was stopped, or took us for dead.
                given_up = failed.reason == Reason.CANCELLED
                raise FetchFailed(Reason.SERVICE_DOWN, detail="given up") if given_up else failed
            if values.get("fetched"):
                return values
            self.patience.pause(wait)
            wait = min(2 * wait, POLL_SECONDS)


def _guarded(call: Callable[[], Answer]) -> Answer:
    try:
        return guarded(SERVICE, call)
    except Unavailable as error:
        raise FetchFailed(Reason.SERVICE_DOWN, detail=error.message) from error


def _found(answer: Answer) -> Mapping[str, Any]:
    if answer.status in {404, 410}:
        raise Lost
    if answer.status != 200:
        raise FetchFailed(Reason.SERVICE_FAULT, detail=f"a look at a fetch answered {answer.status}")
    return answer.values
