"""Bringing the captions that a site offers: which languages to take, and their files within bounds."""

import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from yt_dlp import YoutubeDL
from yt_dlp.utils import YoutubeDLError

from kapture.gateways.media import captions, extract
from kapture.gateways.media.captions import FORMATS, Cue
from kapture.gateways.media.extract import Info
from kapture.gateways.media.reasons import FetchFailed
from kapture.gateways.media.types import CaptionFile

MAX_LANGUAGES = 3
MAX_NAME = 20
MAX_BYTES = 2 << 20
MAX_SEGMENTS = 500
# For all languages together: captions are an extra, and nobody waits long for them.
PATIENCE = 30.0
PIECE = 16 << 10
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,2}")
_AT_ONCE = "-orig"

Formats = Sequence[Mapping[str, Any]]
logger = logging.getLogger(__name__)


def wanted(info: Info) -> list[tuple[str, bool, Formats]]:
    """Language, whether a machine made it, and the formats of each: written ones, the sound's language first.

    Machine captions are taken only where nobody wrote any, in the language of the sound.
    """
    spoken = str(info.get("language") or "").partition("-")[0].lower()
    written = _readable(info.get("subtitles"))
    if written:
        ranked = sorted(written, key=lambda name: (_base(name) != spoken, _base(name) != "en"))
        return [(name, False, written[name]) for name in ranked[:MAX_LANGUAGES]]
    heard = _readable(info.get("automatic_captions"))
    for name in (*(one for one in heard if one.endswith(_AT_ONCE)), *(one for one in heard if _base(one) == spoken)):
        return [(name.removesuffix(_AT_ONCE), True, heard[name])]
    # Without a word about the language a single one is the sound's own, and many are translations.
    return [(name, True, heard[name]) for name in heard] if len(heard) == 1 else []


def _base(name: str) -> str:
    return name.partition("-")[0].lower()


def _readable(offered: object) -> dict[str, Formats]:
    """The languages whose name is one and that come in a format that is read here."""
    found: dict[str, Formats] = {}
    for name, formats in (offered if isinstance(offered, dict) else {}).items():
        known = [one for one in formats or () if isinstance(one, dict) and one.get("ext") in FORMATS]
        if known and _LANGUAGE.fullmatch(str(name).removesuffix(_AT_ONCE)) and len(str(name)) <= MAX_NAME:
            found[str(name)] = sorted(known, key=lambda one: FORMATS.index(one["ext"]))
    return found


class Subtitles:
    """The captions of one fetch; whatever goes wrong with them is logged and ends nothing else."""

    def __init__(self, ydl: YoutubeDL, scratch: Path, allow: tuple[str, ...]) -> None:
        self.ydl = ydl
        self.scratch = scratch
        self.allow = allow
        self.found: list[CaptionFile] = []
        self.until = 0.0

    def fetch(self, info: Info) -> tuple[CaptionFile, ...]:
        """The caption files that came within the time; a site that drips its answer is not waited for."""
        offers = wanted(info)
        if not offers:
            return ()
        self.until = time.monotonic() + PATIENCE
        thread = threading.Thread(target=self._fetch_all, args=(offers,), name="captions", daemon=True)
        thread.start()
        thread.join(PATIENCE)
        return tuple(self.found)

    def _fetch_all(self, offers: Sequence[tuple[str, bool, Formats]]) -> None:
        for language, automatic, formats in offers:
            try:
                self._fetch_one(language, automatic, formats)
            except (YoutubeDLError, FetchFailed, OSError, ValueError) as error:
                logger.info("captions in %s did not come: %s", language, type(error).__name__)

    def _fetch_one(self, language: str, automatic: bool, formats: Formats) -> None:
        cues = self._read(formats[0])
        if not cues:
            raise ValueError("no lines")
        path = self.scratch / f"captions-{len(self.found)}.vtt"
        path.write_text(captions.as_vtt(cues), "utf-8")
        self.found.append(CaptionFile(language, automatic, path))

    def _read(self, one: Mapping[str, Any]) -> list[Cue]:
        if one.get("data"):
            return captions.parse(str(one["data"])[:MAX_BYTES].encode("utf-8", "replace"), one["ext"])
        body = self._body(str(one["url"]), MAX_BYTES)
        if body.lstrip()[:7] == b"#EXTM3U":
            body = b"\n\n".join(self._segments(str(one["url"]), body.decode("utf-8", "replace")))
        return list(dict.fromkeys(captions.parse(body, one["ext"])))

    def _segments(self, playlist: str, text: str) -> Iterator[bytes]:
        """The pieces of captions that come like the film does (HLS); a line that reaches into two is said in both."""
        names = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        left = MAX_BYTES
        for name in names[:MAX_SEGMENTS]:
            piece = self._body(urljoin(playlist, name), left)
            left -= len(piece)
            yield piece

    def _body(self, url: str, most: int) -> bytes:
        extract.check_links([{"url": url}], self.allow)
        pieces: list[bytes] = []
        with self.ydl.urlopen(url) as response:
            while piece := response.read(PIECE):
                pieces.append(piece)
                most -= len(piece)
                if most < 0 or time.monotonic() > self.until:
                    raise ValueError("more or slower than captions are")
        return b"".join(pieces)
