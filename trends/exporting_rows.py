"""Trends as a file, written while it is read, so that a hundred thousand need no more memory than a hundred."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO
from itertools import islice
from typing import Any, Final

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from accounts.exporting.rows import patience
from kapture.api.envelope import dumps
from trends.models import Trend
from trends.serializers import COLUMNS, EXCERPT, as_wire

CHUNK: Final = 500
BOM: Final = "\ufeff"
# What a spreadsheet takes for the beginning of a formula, in either width; space before it does not matter.
FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
# Head of a column -> what stands in it.
CELLS: Final[Mapping[str, str]] = {
    "Platform": "platform", "Type": "content_type", "Title": "title", "Text": "text", "Author": "author_name",
    "Handle": "author_handle", "Followers": "author_followers", "Community": "community", "Address": "url",
    "Published": "published_at", "First captured": "created_at", "Last look": "scraped_at", "Language": "language",
    "Seconds": "duration_s", "Views": "views", "Likes": "likes", "Comments": "comments", "Shares": "shares",
    "Hashtags": "hashtags", "Multiple": "multiple", "Score": "score", "Views an hour": "velocity", "Tags": "tags",
    "Category": "category__name", "Id": "id",
}  # fmt: skip


def as_file(rows: QuerySet[Trend], kind: str, *, enveloped: bool = False) -> StreamingHttpResponse:
    """The answer that saves these rows as `csv` or `json`; JSON comes in the envelope of the API where it is asked."""
    if kind == "csv":
        response = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    else:
        response = StreamingHttpResponse(_json(rows, enveloped=enveloped), content_type="application/json")
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="trends-{day}.{kind}"'
    response["Cache-Control"] = "no-store"
    return response


def cell(value: Any) -> Any:
    """A value as a spreadsheet may open it: text that looks like a formula gets a quote in front of it."""
    match value:
        case None:
            return ""
        case list():
            return cell(" ".join(f"#{word}" if " " not in word else f"#“{word}”" for word in value))
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case str():
            return f"'{value}" if value.lstrip().startswith(FORMULA) or value[:1] in ("\t", "\r", "\n") else value
    return value


def _csv(rows: QuerySet[Trend]) -> Iterator[bytes]:
    yield _lines([list(CELLS)], BOM)
    plain = rows.defer(None).values_list(*CELLS.values())
    for chunk in _chunks(plain):
        yield _lines([cell(value) for value in row] for row in chunk)


def _lines(rows: Iterable[list[Any]], begin: str = "") -> bytes:
    text = StringIO(begin)
    text.seek(len(begin))
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _json(rows: QuerySet[Trend], *, enveloped: bool) -> Iterator[bytes]:
    yield b'{"success":true,"data":[' if enveloped else b"["
    between = b"\n"
    for chunk in _chunks(rows.defer(None).values(*COLUMNS, "text")):
        wire = [as_wire({**row, "excerpt": row["text"][:EXCERPT]}, text=row["text"]) for row in chunk]
        yield between + b",\n".join(map(dumps, wire))
        between = b",\n"
    yield b'\n],"error":null,"meta":{}}\n' if enveloped else b"\n]\n"


def _chunks(rows: Any) -> Iterator[list[Any]]:
    """The rows, a few at a time, by a cursor of the server."""
    with patience():
        found = rows.iterator(chunk_size=CHUNK)
        while chunk := list(islice(found, CHUNK)):
            yield chunk
