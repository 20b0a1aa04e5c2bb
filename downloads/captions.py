"""The transcript of a download: its lines page by page, and where words are said in it."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from downloads.models import Caption, Download
from kapture.core.errors import NotFound
from kapture.gateways.media.captions import Cue

# Lines that a page shows at once, and places that a search shows.
PART = 300
HITS = 300
LONGEST_FIND = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, and whether it is what was looked for."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its place among all (from 0), its times in seconds, and its words in pieces."""

    number: int
    start: float
    end: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the page shows of one language: a part of all lines, or those in which something was found."""

    caption: Caption
    lines: list[Line]
    find: str
    hits: int
    is_cut: bool
    part: int
    parts: int

    @property
    def earlier(self) -> int | None:
        """The part before this one."""
        return self.part - 1 if self.part > 1 else None

    @property
    def later(self) -> int | None:
        """The part after this one."""
        return self.part + 1 if self.part < self.parts else None


def captions_of(download: Download) -> list[Caption]:
    """The languages of a download in order, without their words, in one query."""
    return list(Caption.objects.filter(download=download).select_related("file").defer("cues", "text", "search"))


def caption_of(download: Download, pk: UUID) -> Caption:
    """One of them with its words; raises `NotFound`."""
    row: Caption | None = Caption.objects.filter(download=download, pk=pk).defer("text", "search").first()
    if row is None:
        raise NotFound
    return row


def chosen(rows: Sequence[Caption], language: str) -> Caption | None:
    """The caption of a language, else the first; None when there are none."""
    return next((row for row in rows if row.language == language), rows[0] if rows else None)


def cues_of(caption: Caption) -> list[Cue]:
    """The lines of a caption."""
    return [Cue(*cue) for cue in caption.cues]


def transcript(caption: Caption, find: str = "", part: int = 1) -> Transcript:
    """A part of the lines, or those that say something that is looked for, however it is written."""
    cues = cues_of(caption)
    find = " ".join(find.replace("\0", " ").split())[:LONGEST_FIND]
    if find:
        hits, is_cut = spots(cues, find)
        lines = [_line(number, cues[number], spans) for number, spans in sorted(hits.items())]
        found = sum(len(spans) for spans in hits.values())
        return Transcript(caption, lines, find, found, is_cut, 1, 1)
    parts = max(1, -(-len(cues) // PART))
    part = min(max(part, 1), parts)
    first = (part - 1) * PART
    lines = [_line(first + place, cue, ()) for place, cue in enumerate(cues[first : first + PART])]
    return Transcript(caption, lines, "", 0, False, part, parts)


Span = tuple[int, int]


def spots(cues: Sequence[Cue], find: str) -> tuple[dict[int, list[Span]], bool]:
    """Where something is said, by line, and whether there is more of it than is told.

    Case and accents do not count, and what is looked for may begin in one line and end in another; each line has its
    own part of it.
    """
    wanted = "".join(_folded(char) for char in find)
    text, origin = _joined(cues)
    starts, place = [], 0
    for cue in cues:
        starts.append(place)
        place += len(cue.text) + 1
    found: dict[int, list[Span]] = {}
    at, count = text.find(wanted), 0
    while wanted and at >= 0 and count < HITS:
        count += 1
        first, last = origin[at], origin[at + len(wanted) - 1]
        for number in range(bisect_right(starts, first) - 1, bisect_right(starts, last)):
            begin, end = max(first, starts[number]), min(last + 1, starts[number] + len(cues[number].text))
            if begin < end:
                found.setdefault(number, []).append((begin - starts[number], end - starts[number]))
        at = text.find(wanted, at + len(wanted))
    return found, at >= 0 and count == HITS


def _joined(cues: Sequence[Cue]) -> tuple[str, Sequence[int]]:
    """All lines as one folded text, and for each of its characters the one of the plain text that it comes from."""
    plain = " ".join(cue.text for cue in cues)
    if plain.isascii():
        return plain.lower(), range(len(plain))
    folded = [_folded(char) for char in plain]
    return "".join(folded), [place for place, char in enumerate(folded) for _ in char]


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    """A character without case and accents; the marks of other scripts, which are letters there, stay."""
    bare = "".join(part for part in unicodedata.normalize("NFKD", char) if not 0x300 <= ord(part) <= 0x36F)
    return bare.casefold() or char


def _line(number: int, cue: Cue, spans: Sequence[Span]) -> Line:
    return Line(number, cue.start, cue.end, tuple(_pieces(cue.text, spans)))


def _pieces(text: str, spans: Sequence[Span]) -> Iterator[Piece]:
    place = 0
    for begin, end in sorted(spans):
        if begin > place:
            yield Piece(text[place:begin])
        yield Piece(text[max(begin, place) : end], is_hit=True)
        place = end
    if place < len(text):
        yield Piece(text[place:])


def stretch(caption: Caption, numbers: Sequence[int]) -> tuple[float, float]:
    """From the first to the last of some lines, in seconds; raises `NotFound` for lines that are not there."""
    cues = caption.cues
    if not numbers or not all(0 <= number < len(cues) for number in numbers):
        raise NotFound
    picked: list[Any] = cues[min(numbers) : max(numbers) + 1]
    return float(picked[0][0]), max(float(cue[1]) for cue in picked)
