"""Texts with their hits marked, as pieces that a template or a program shows as it likes."""

import re
from dataclasses import dataclass

from library.matching import CLOSE, OPEN

HIT = re.compile(f"{OPEN}(.*?){CLOSE}", re.DOTALL)
AROUND = 90


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text, and whether it is a hit."""

    text: str
    hit: bool = False


def pieces(marked: str) -> tuple[Piece, ...]:
    """The pieces of a text that PostgreSQL marked; marks that do not pair are dropped."""
    runs = HIT.split(marked)
    found = [Piece(_plain(run), index % 2 == 1) for index, run in enumerate(runs)]
    return tuple(piece for piece in found if piece.text)


def _plain(text: str) -> str:
    return text.replace(OPEN, "").replace(CLOSE, "")


def mark(text: str, wanted: tuple[str, ...], *, whole: bool = False) -> tuple[Piece, ...]:
    """The pieces of a text with each wanted string marked, whatever its case; cut around the first hit unless `whole`.

    Without a hit a whole text comes back plain, and a cut one empty.
    """
    text = _plain(text)
    search = re.compile("|".join(re.escape(piece) for piece in sorted(wanted, key=len, reverse=True)), re.IGNORECASE)
    first = search.search(text)
    if first is None:
        return (Piece(text),) if whole and text else ()
    if not whole:
        start, end = max(first.start() - AROUND, 0), first.end() + AROUND
        text = f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"
    split: list[Piece] = []
    at = 0
    for hit in search.finditer(text):
        split += [Piece(text[at : hit.start()]), Piece(hit.group(), hit=True)]
        at = hit.end()
    return tuple(piece for piece in [*split, Piece(text[at:])] if piece.text)
