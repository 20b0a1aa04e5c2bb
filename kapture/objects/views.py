"""Serving files of the local store through signed links, with byte ranges so that players can seek."""

import re
from collections.abc import Iterator
from typing import IO, Any

from django.core import signing
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from kapture.core.errors import NotFound
from kapture.objects.models import StoredObject
from kapture.objects.services import open_link, plain

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
PIECE = 1 << 16


@require_safe
def serve(request: HttpRequest, token: str) -> HttpResponse | StreamingHttpResponse:
    """The file behind a link, whole or the one range asked for."""
    try:
        pk, kind = open_link(token)
    except signing.BadSignature as error:
        raise NotFound from error
    row = StoredObject.objects.filter(pk=pk, state=StoredObject.State.LIVE).first()
    if row is None:
        raise NotFound
    try:
        file: Any = default_storage.open(row.key)
    except FileNotFoundError as error:
        raise NotFound from error
    response = _answer(request, file, row)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{row.sha256}"'
    response["Cache-Control"] = "private, max-age=300"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Encoding"] = "identity"  # keeps the gzip middleware away from media
    # Types come from our own probe; a browser still must not run anything that hides in one.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    name = plain(request.GET.get("name", "") or row.key.rpartition("/")[2])
    response["Content-Disposition"] = content_disposition_header(kind == "attachment", name) or kind
    return response


def _answer(request: HttpRequest, file: Any, row: StoredObject) -> HttpResponse | StreamingHttpResponse:
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    bounds = _bounds(asked[1], asked[2], row.size) if asked else None
    if asked and bounds is None:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{row.size}"})
    if bounds is None:
        return FileResponse(file, content_type=row.content_type)
    first, last = bounds
    file.seek(first)
    response = StreamingHttpResponse(_pieces(file, last - first + 1), status=206, content_type=row.content_type)
    response["Content-Length"] = str(last - first + 1)
    response["Content-Range"] = f"bytes {first}-{last}/{row.size}"
    return response


def _bounds(first: str, last: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a range (RFC 9110, section 14.1.2); None when it cannot be satisfied."""
    if not first:
        return (max(0, size - int(last)), size - 1) if last and int(last) and size else None
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    return (start, end) if start <= end else None


def _pieces(file: IO[bytes], left: int) -> Iterator[bytes]:
    with file:
        while left and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
