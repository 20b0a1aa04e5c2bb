"""Turns a right answer into the wrong one that a fault asks for."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kapture.sandbox.faults import Fault, FaultMode
from kapture.sandbox.messages import Answer, Ending, Response

Refuse = Callable[[int, str], Response]

HTML_PAGE = (
    "<!doctype html><html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center><hr><center>proxy</center></body></html>"
)
HUGE_BYTES = 64 << 20
_BLOCK = 64 << 10


def misbehave(fault: Fault, answer: Answer, refuse: Refuse, closing: threading.Event) -> Response:
    """The answer a client gets under this fault; `refuse` makes an error in the vendor's envelope."""
    right = answer() if fault.performs else Response()
    match fault.mode:
        case FaultMode.STATUS:
            return _refused(fault, refuse)
        case FaultMode.DELAY:
            closing.wait(fault.seconds)
            return right
        case FaultMode.HANG:
            closing.wait(fault.seconds)
            return Response(silent=True, ending=Ending.CLOSE)
        case FaultMode.DROP:
            return Response(silent=True, ending=Ending.CLOSE)
        case FaultMode.BODY:
            return Response(fault.status or 200, _typed(fault.content_type), fault.payload())
        case _:
            return _spoiled(fault, right, closing)


def _spoiled(fault: Fault, right: Response, closing: threading.Event) -> Response:
    match fault.mode:
        case FaultMode.CUT:
            return _cut(fault, right)
        case FaultMode.TRUNCATE:
            return _truncated(fault, right)
        case FaultMode.DRIP:
            return Response(right.status, right.headers, dripped(right.parts(), fault.bps, closing), right.declared)
        case FaultMode.SCHEMA:
            return Response.json(_renamed(json.loads(b"".join(right.parts()) or b"{}")), right.status)
        case FaultMode.EMPTY:
            return Response(right.status, right.headers)
        case FaultMode.HTML:
            return Response.text(HTML_PAGE, "text/html; charset=utf-8")
        case FaultMode.HUGE:
            size = HUGE_BYTES if fault.size is None else fault.size
            return Response(200, _typed("application/json"), _huge(size), size)
        case _:
            raise ValueError(f"{fault.mode} has no spoiled answer.")


def _refused(fault: Fault, refuse: Refuse) -> Response:
    response = refuse(fault.status or 500, "Made to fail by the sandbox.")
    if fault.body is not None:
        response.body = fault.payload()
    if fault.retry_after is not None:
        response.headers["retry-after"] = f"{fault.retry_after:g}"
    return response


def _cut(fault: Fault, right: Response) -> Response:
    body = list(_begun(fault, right))
    length = right.declared if right.declared is None or right.declared > 0 else 1 << 20
    return Response(right.status, right.headers, body, length, Ending.RESET)


def _truncated(fault: Fault, right: Response) -> Response:
    if isinstance(right.body, bytes):
        return Response(right.status, right.headers, b"".join(_begun(fault, right)) + fault.payload())
    tail = [fault.payload()] if fault.body is not None else []
    return Response(right.status, right.headers, (part for source in (_begun(fault, right), tail) for part in source))


def _begun(fault: Fault, right: Response) -> Iterator[bytes]:
    """The first part of a body, as far as the fault lets it go."""
    if fault.chunks is not None:
        yield from _first(right.parts(), fault.chunks)
        return
    limit = fault.size
    if limit is None and right.declared is not None:
        limit = right.declared // 2
    parts: Iterable[bytes] = right.parts()
    if limit is None:
        parts = list(parts)
        limit = sum(map(len, parts)) // 2
    for part in parts:
        if limit <= 0:
            return
        yield part[:limit]
        limit -= len(part)


def _first(parts: Iterable[bytes], count: int) -> Iterator[bytes]:
    """The first `count` parts, or all but the last `-count`."""
    held: deque[bytes] = deque()
    for index, part in enumerate(parts):
        if 0 <= count <= index:
            return
        held.append(part)
        if len(held) > max(-count, 0):
            yield held.popleft()


def dripped(parts: Iterable[bytes], bps: float, closing: threading.Event) -> Iterator[bytes]:
    """The same bytes at `bps` bytes a second, in twenty pieces a second or one byte at a time."""
    piece = max(1, int(bps / 20))
    # By the clock and not by the pause: what sending itself takes would make it slower than it says.
    due = time.monotonic()
    for part in parts:
        for start in range(0, len(part), piece):
            block = part[start : start + piece]
            due += len(block) / max(bps, 0.1)
            if closing.wait(max(due - time.monotonic(), 0.0)):
                return
            yield block


def _huge(size: int) -> Iterator[bytes]:
    yield b'{"data":"'[:size]
    left = size - 9 - 2
    while left > 0:
        yield b"a" * min(left, _BLOCK)
        left -= _BLOCK
    yield b'"}'


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"x_{key}": _renamed(item) for key, item in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _typed(content_type: str) -> dict[str, str]:
    return {"content-type": content_type}
