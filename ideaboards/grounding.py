"""Whether a written line is supported: the words it claims to lean on must stand in the source it names."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kapture.gateways.writing import Line, Source

SPACES = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
ALIKE = str.maketrans(
    {**dict.fromkeys("‘’‚‛′`", "'"), **dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}
)
# A shorter quote would be found in nearly any text. Characters of scripts without spaces count twice.
SHORTEST = 6
WIDE = 0x2E80


@dataclass(frozen=True, slots=True)
class Grounded:
    """A line with its source's number and trend id, the words that support it, and whether they really stand there."""

    text: str
    section: str = ""
    n: int | None = None
    trend: str | None = None
    quote: str = ""
    supported: bool = False

    def as_json(self) -> dict[str, Any]:
        """The form in which a generation keeps it."""
        return asdict(self)


def ground(lines: Sequence[Line], sources: Sequence[Source], trends: Mapping[int, str]) -> list[Grounded]:
    """Check each line's claim; a source that was not given counts as none. `trends` maps a number to a trend id."""
    known = {source.n: source for source in sources}
    return [_check(line, known.get(line.source or 0), trends) for line in lines]


def stands_in(quote: str, source: Source) -> bool:
    """Whether the quote is a run of whole words of the source's title or text, or one of its hashtags.

    Case, spacing and the shapes of quotation marks and dashes do not matter.
    """
    wanted = plain(quote).strip("\"'.,;:!?… ")
    if wanted.removeprefix("#") in {plain(tag) for tag in source.hashtags}:
        return True
    if sum(2 if ord(character) >= WIDE else 1 for character in wanted) < SHORTEST:
        return False
    return any(_contains(plain(text), wanted) for text in (source.title, source.text))


def plain(text: str) -> str:
    """Text in the form in which two writings of the same words are equal."""
    return SPACES.sub(" ", unicodedata.normalize("NFKC", text).translate(ALIKE).casefold()).strip()


def _contains(text: str, wanted: str) -> bool:
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not _joined(text[start - 1 : start], wanted[0]) and not _joined(wanted[-1], text[end : end + 1]):
            return True
        start = text.find(wanted, start + 1)
    return False


def _joined(left: str, right: str) -> bool:
    """Whether two neighbouring characters belong to one word."""
    return bool(left and right) and all(side.isalnum() and ord(side) < WIDE for side in (left, right))


def _check(line: Line, source: Source | None, trends: Mapping[int, str]) -> Grounded:
    if source is None:
        return Grounded(line.text, line.section)
    supported = stands_in(line.quote, source)
    return Grounded(line.text, line.section, source.n, trends.get(source.n), line.quote, supported)
