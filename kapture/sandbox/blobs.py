"""Files over HTTP: byte ranges, entity tags, HEAD, and a speed limit."""

import hashlib
import mimetypes
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from kapture.sandbox.messages import Request, Response
from kapture.sandbox.misbehave import dripped

BLOCK = 64 << 10
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".vtt": "text/vtt; charset=utf-8",
    ".webp": "image/webp",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".webm": "video/webm",
    ".mp4": "video/mp4",
}


@dataclass(frozen=True, slots=True)
class Blob:
    """A file, followed by zeros up to `size` where that is larger than the file."""

    path: Path
    size: int
    content_type: str
    tag: str
    modified: float

    @classmethod
    def of(cls, path: Path, size: int | None = None, content_type: str = "") -> "Blob":
        """The blob of a file that exists."""
        known = path.stat()
        kind = (
            content_type or _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        )
        size = size or known.st_size
        tag = hashlib.sha256(f"{path.name}|{size}|{known.st_size}|{int(known.st_mtime)}".encode()).hexdigest()[:24]
        return cls(path, size, kind, f'"{tag}"', known.st_mtime)

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, in blocks."""
        with self.path.open("rb") as file:
            file.seek(start)
            while start < stop:
                block = file.read(min(BLOCK, stop - start))
                if not block:
                    break
                start += len(block)
                yield block
        zeros = bytes(BLOCK)
        while start < stop:
            block = zeros[: stop - start]
            start += len(block)
            yield block


def sent(request: Request, blob: Blob, bps: float, closing: threading.Event) -> Response:
    """The answer to a GET or HEAD of a blob: whole, one range, not modified, or a range outside of it (416)."""
    headers = {
        "content-type": blob.content_type,
        "etag": blob.tag,
        "last-modified": formatdate(blob.modified, usegmt=True),
        "accept-ranges": "bytes",
        "access-control-allow-origin": "*",
    }
    if request.headers.get("if-none-match") == blob.tag:
        return Response(304, headers)
    start, stop, status = 0, blob.size, 200
    wanted = request.headers.get("range", "")
    if wanted and request.headers.get("if-range", blob.tag) == blob.tag:
        span = _span(wanted, blob.size)
        if span is None:
            return Response(416, {**headers, "content-range": f"bytes */{blob.size}"})
        start, stop = span
        status, headers["content-range"] = 206, f"bytes {start}-{stop - 1}/{blob.size}"
    parts = blob.read(start, stop)
    return Response(status, headers, dripped(parts, bps, closing) if bps else parts, stop - start)


def _span(text: str, size: int) -> tuple[int, int] | None:
    """The one range a header names, as start and stop; None when there is no byte in it."""
    found = _RANGE.fullmatch(text.strip())
    if not found or found[0] == "bytes=-":
        return (0, size) if not found else None
    first, last = found.groups()
    if not first:
        start, stop = max(size - int(last), 0), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
    return (start, stop) if start < min(stop, size) else None
