"""How typed text is looked for, and how that is told back."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from kapture.core.searching import is_unspaced

ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
# A prefix of one letter would match a good part of every index.
SHORTEST_PREFIX = 2
WANTED = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
LEXEME = re.compile(r"'((?:[^']|'')*)'(?::\*)?|(<(?:-|\d+)>)|([&|!()])")


class Mode(StrEnum):
    """The two ways of looking."""

    WORDS = "words"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Terms:
    """Typed text and how it is looked for.

    WORDS: by the full-text index, as PostgreSQL's websearch syntax has it (words, "phrases", or, -without); when
    `unfinished`, the last word may go on. CONTAINS: each of `pieces` occurs in the item, for text that a full-text
    index cannot hold: symbols, addresses. With letters of a script without spaces, `pieces` are what to mark.
    """

    text: str
    mode: Mode
    pieces: tuple[str, ...] = ()
    unfinished: bool = False

    @classmethod
    def of(cls, text: str) -> "Terms":
        """Decide how to look for `text`, which is not empty."""
        if ADDRESS.search(text) or not any(_is_word(letter) for letter in text):
            return cls(text, Mode.CONTAINS, tuple(dict.fromkeys(text.replace('"', " ").split())) or (text,))
        return cls(text, Mode.WORDS, _wanted(text) if is_unspaced(text) else (), _is_unfinished(text))


def _is_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LN"


def _wanted(text: str) -> tuple[str, ...]:
    """The words and phrases that are asked for, in one spelling each; not those behind a minus sign."""
    found = (piece for sign, quoted, plain in WANTED.findall(text) if not sign and (piece := quoted or plain).strip())
    return tuple(dict.fromkeys(piece for piece in found if piece.lower() != "or"))


def _is_unfinished(text: str) -> bool:
    last = text.split()[-1]
    if last.startswith("-") or text.count('"') % 2 or not _is_word(last[-1]) or is_unspaced(last):
        return False
    return len(re.split(r"[\W_]+", last)[-1]) >= SHORTEST_PREFIX


def understood(terms: Terms, tsquery: str) -> str:
    """Tell how a text was understood: `tsquery` is what PostgreSQL made of it, as text; empty when not asked."""
    if terms.mode is Mode.CONTAINS:
        return " and ".join(f"“{piece}”" for piece in terms.pieces)
    words: list[str] = []
    for match in LEXEME.finditer(tsquery):
        lexeme, distance, sign = match.groups()
        if lexeme is not None:
            _add(words, lexeme.replace("''", "'").replace("\\\\", "\\") + ("…" if match.group().endswith("*") else ""))
        elif distance:
            words.append("+")
        else:
            words.append({"&": "and", "|": "or", "!": "without"}.get(sign, sign))
    return " ".join(word for word in words if word not in "()").replace("and without", "without")


def _add(words: list[str], lexeme: str) -> None:
    """Put a lexeme behind the others, joined to the one before when both belong to one phrase."""
    if not words or words[-1] != "+":
        words.append(f"“{lexeme}”")
        return
    words.pop()
    before = words.pop()[1:-1]
    # A compound is indexed whole and by its parts; telling it once is enough.
    part = "-" in before and lexeme.removesuffix("…") in before.split("-")
    space = "" if is_unspaced(before[-1:]) and is_unspaced(lexeme[:1]) else " "
    words.append(f"“{before}”" if part else f"“{before}{space}{lexeme}”")
