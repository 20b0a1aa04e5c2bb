"""What a stand-in was asked: the last requests, decoded, so that tests can tell what really went over the wire."""

import fnmatch
import itertools
import json
import threading
import time
from collections import deque
from typing import Any

from kapture.sandbox.faults import Fault
from kapture.sandbox.messages import Request

KEPT = 2000
BODY_SHOWN = 64 << 10


class Journal:
    """The last `KEPT` requests, oldest first; `seq` counts from 1 over all requests since the start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._counter = itertools.count(1)

    def note(self, request: Request, fault: Fault | None) -> None:
        """Remember a request and the fault that met it; secrets are kept, since the stand-ins hold none."""
        entry = {
            "at": time.time(),
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "headers": dict(request.headers),
            "body": _shown(request.body),
            "fault": fault.mode if fault else None,
        }
        with self._lock:
            self._entries.append({"seq": next(self._counter), **entry})

    def entries(self, route: str = "*", since: int = 0) -> list[dict[str, Any]]:
        """Requests after `since` whose method and path match `route` (as in a fault)."""
        method, _, pattern = route.rpartition(" ")
        with self._lock:
            return [
                entry
                for entry in self._entries
                if entry["seq"] > since
                and method.upper() in ("", "*", entry["method"])
                and fnmatch.fnmatchcase(entry["path"], pattern)
            ]

    def clear(self) -> None:
        """Forget all of them; the counter goes on."""
        with self._lock:
            self._entries.clear()


def _shown(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body[:BODY_SHOWN].decode(errors="replace")
