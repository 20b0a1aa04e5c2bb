"""Answers of the download service, as HTTP knows them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kapture.fetcher.order import Order, Ready
from kapture.gateways.media.reasons import FetchFailed
from kapture.gateways.media.wire import Message, write_message

PIECE: Final = 256 << 10
RANGE: Final = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")
PHRASES: Final = {
    200: "OK",
    202: "Accepted",
    204: "No Content",
    206: "Partial Content",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    413: "Content Too Large",
    416: "Range Not Satisfiable",
    429: "Too Many Requests",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers beside the usual ones, and a body; `status_line` is what WSGI wants."""

    status: int
    body: Iterable[bytes] = ()
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def status_line(self) -> str:
        """The status with its phrase."""
        return f"{self.status} {PHRASES[self.status]}"


def say(status: int, values: Mapping[str, Any], **headers: str) -> Answer:
    """An answer in JSON."""
    body = json.dumps(values).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, [body], {"Content-Type": "application/json", "Content-Length": str(len(body)), **named})


def refuse(status: int, why: str, **headers: str) -> Answer:
    """A refusal in words for the caller's log."""
    return say(status, {"error": why}, **headers)


def plain(message: Message) -> Any:
    """A message of the engine as the values that its own two processes exchange."""
    return json.loads(write_message(message))


def standing_of(order: Order) -> dict[str, Any]:
    """All that is known of an order: where it stands, or how it ended."""
    result = order.result
    values: dict[str, Any] = {"id": order.key, "about": None, "progress": None, "failed": None, "fetched": None}
    if order.about is not None:
        values |= plain(order.about)
    if order.progress is not None:
        values |= plain(order.progress)
    if isinstance(result, FetchFailed):
        values["failed"] = plain(result)
    elif isinstance(result, Ready):
        files = [{"name": name, "size": size, "sha256": sha256} for name, (size, sha256) in result.files.items()]
        values |= {**plain(result.fetched), "files": files}
    return values


def send(path: Path, wanted: str, order: Order) -> Answer:
    """The bytes of a file, or the part of them that a Range header wants; as long as they flow, the order is wanted."""
    size = path.stat().st_size
    headers = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
    match = RANGE.fullmatch(wanted)
    if not match:
        return Answer(200, _pieces(path, 0, size, order), {**headers, "Content-Length": str(size)})
    start, end = int(match[1]), min(int(match[2] or size - 1), size - 1)
    if start > end:
        return refuse(416, "the file is shorter", Content_Range=f"bytes */{size}")
    headers |= {"Content-Length": str(end - start + 1), "Content-Range": f"bytes {start}-{end}/{size}"}
    return Answer(206, _pieces(path, start, end + 1, order), headers)


def _pieces(path: Path, start: int, end: int, order: Order) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (piece := file.read(min(PIECE, end - start))):
            order.touch()
            start += len(piece)
            yield piece
