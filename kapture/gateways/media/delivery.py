"""Bringing finished files from the download service here: resumed where they were cut, believed by their checksum."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import requests
from urllib3.exceptions import HTTPError

from kapture.gateways.media import patience as waiting
from kapture.gateways.media.line import Line, Lost, down
from kapture.gateways.media.patience import Patience
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.told import FileEntry, fault, read_fetched, read_files
from kapture.gateways.media.types import Fetched, Progress, Stage

PIECE: Final = 256 << 10
RETRY_SECONDS: Final = 0.2
REPORT_SECONDS: Final = 0.25
# Thumbnail and captions beside the media.
EXTRA_BYTES: Final = 64 << 20
# Share of the bar that is left when the service has finished.
WAITING: Final = 0.98


class Delivery:
    """The files of one finished fetch on their way into the scratch folder."""

    def __init__(
        self, line: Line, path: str, scratch: Path, patience: Patience, on_progress: Callable[[Progress], None]
    ) -> None:
        self.line, self.path, self.scratch, self.patience = line, path, scratch, patience
        self.on_progress = on_progress
        self.received, self.total = 0, 0
        self._reported = 0.0

    def bring(self, values: Mapping[str, Any]) -> Fetched:
        """The fetch with its files in our scratch folder; raises `FetchFailed` for one that differs from its facts."""
        fetched, entries = read_fetched(values, self.scratch), read_files(values)
        listed = {one.name: one for one in entries}
        media = listed.get(fetched.path.name)
        if media is None or {path.name for path in fetched.files} - set(listed):
            raise fault("a file of the result is not listed")
        if (media.size, media.sha256) != (fetched.facts.size, fetched.facts.sha256):
            raise fault("the file is not the one that its facts describe")
        self.total = sum(one.size for one in entries)
        most = self.patience.limits.max_bytes
        if media.size > most or self.total - media.size > EXTRA_BYTES:
            raise FetchFailed(Reason.TOO_LARGE, detail=f"{self.total} bytes")
        self.patience.check_space(self.total)
        try:
            for entry in entries:
                self._bring(entry)
        except OSError as error:
            raise FetchFailed(Reason.NO_SPACE, detail=str(error)) from error
        return fetched

    def _bring(self, entry: FileEntry) -> None:
        digest, have = hashlib.sha256(), 0
        heard = time.monotonic()
        with (self.scratch / entry.name).open("wb") as file:
            while have < entry.size:
                failure = None
                try:
                    for piece in self._pieces(entry, have):
                        heard, have = time.monotonic(), have + len(piece)
                        self._take(piece, file)
                        digest.update(piece)
                except FetchFailed as error:
                    if error.reason != Reason.SERVICE_DOWN or isinstance(error, Lost):
                        raise
                    failure = error
                if have < entry.size:
                    if time.monotonic() - heard > waiting.PATIENCE_SECONDS:
                        raise failure or FetchFailed(Reason.SERVICE_DOWN, detail="it sends nothing")
                    self.patience.check_speed(self.received)
                    self.patience.pause(RETRY_SECONDS)
        if have > entry.size or digest.hexdigest() != entry.sha256:
            raise fault(f"{entry.name} arrived with another checksum")

    def _take(self, piece: bytes, file: BinaryIO) -> None:
        self.patience.check()
        file.write(piece)
        self.received += len(piece)
        self.patience.check_speed(self.received)
        now = time.monotonic()
        if now - self._reported >= REPORT_SECONDS:
            self._reported = now
            share = WAITING + (1 - WAITING) * self.received / self.total
            self.on_progress(Progress(Stage.BRINGING, min(share, 1.0), self.received, self.total))

    def _pieces(self, entry: FileEntry, start: int) -> Iterator[bytes]:
        """The bytes from `start` on as they come, one more than the file has at most; a cut is `SERVICE_DOWN`."""
        left = entry.size - start + 1
        with self.line.open(f"{self.path}/files/{entry.name}", start=start) as response:
            while left > 0:
                try:
                    piece = response.raw.read1(min(PIECE, left), decode_content=False)
                except (requests.RequestException, HTTPError, OSError) as error:
                    raise down(error) from error
                if not piece:
                    return
                left -= len(piece)
                yield piece
