"""Writing the ZIP: rows as JSON Lines, texts as they are, media stored and counted."""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import orjson
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.exporting.register import Media, Row

PIECE = 1 << 20
Told = Callable[[int], None]


class Archive:
    """A ZIP that is being written; nothing of it is kept in memory but its table of contents."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "x", allowZip64=True)
        self._now: datetime = timezone.now()

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def lines(self, path: str, rows: Iterable[Row], told: Told) -> int:
        """Write rows, one JSON object a line, and tell after each how many there are; answers how many there were."""
        count = 0
        with self._member(path, zipfile.ZIP_DEFLATED) as file:
            for row in rows:
                file.write(orjson.dumps(row, default=_plain, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))
                count += 1
                told(count)
        return count

    def text(self, path: str, text: str) -> None:
        """Write a text."""
        with self._member(path, zipfile.ZIP_DEFLATED) as file:
            file.write(text.encode())

    def media(self, found: Media, told: Told) -> Row:
        """Copy a file as it is, and tell the size of each piece; answers its line of the manifest.

        `missing` is true for one that was deleted meanwhile.
        """
        row = {"path": found.path, "contentType": found.stored.content_type, "objectId": found.stored.pk}
        try:
            source = default_storage.open(found.stored.key)
        except FileNotFoundError:
            return {**row, "size": 0, "sha256": "", "missing": True}
        checksum, size = hashlib.sha256(), 0
        with source, self._member(found.path, zipfile.ZIP_STORED) as file:
            while piece := source.read(PIECE):
                file.write(piece)
                checksum.update(piece)
                size += len(piece)
                told(len(piece))
        return {**row, "size": size, "sha256": checksum.hexdigest(), "missing": False}

    @contextmanager
    def _member(self, path: str, compression: int) -> Iterator[IO[bytes]]:
        entry = zipfile.ZipInfo(path, self._now.timetuple()[:6])
        entry.compress_type = compression
        entry.external_attr = 0o600 << 16
        with self._zip.open(entry, "w", force_zip64=True) as file:
            yield file


def _plain(value: Any) -> Any:
    """What orjson does not know."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
