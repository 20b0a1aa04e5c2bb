"""How typed text is looked for, and how that is told back."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

# Scripts whose words are not set apart by spaces, or (Korean) carry endings: a full-text index holds whole sentences,
# or every form, as one word.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3100-\u312f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
# A prefix of one letter would match a good part of every index.
SHORTEST_PREFIX = 2
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
    index cannot hold: scripts without spaces, symbols, addresses.
    """

    text: str
    mode: Mode
    pieces: tuple[str, ...] = ()
    unfinished: bool = False

    @classmethod
    def of(cls, text: str) -> "Terms":
        """Decide how to look for `text`, which is not empty."""
        if ADDRESS.search(text) or UNSPACED.search(text) or not any(_is_word(letter) for letter in text):
            pieces = tuple(dict.fromkeys(piece for piece in text.replace('"', " ").split())) or (text,)
            return cls(text, Mode.CONTAINS, pieces)
        return cls(text, Mode.WORDS, unfinished=_is_unfinished(text))


def _is_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LN"


def _is_unfinished(text: str) -> bool:
    last = text.split()[-1]
    if last.startswith("-") or text.count('"') % 2 or not _is_word(last[-1]):
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
    words.append(f"“{before}”" if part else f"“{before} {lexeme}”")
