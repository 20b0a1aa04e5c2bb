"""Typed text as a question to a column that is indexed as `kapture.core.texts` says; any text is one."""

import re
from functools import reduce
from operator import and_
from typing import Final

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable
from django.db.models import Value

from kapture.core.texts import CONFIG, UNSPACED, Spaced

MAX_WORDS: Final = 12
# What one of these inside a word would mean to PostgreSQL is not what a person means by typing it.
WORD: Final = re.compile(r"[^\s'\\\x00]+")
_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
_PIECE: Final = re.compile(r'(-?)("[^"]*"?|[^\s"]+)')


def is_unspaced(text: str) -> bool:
    """Whether a text holds a letter of a script that sets no spaces between words."""
    return _UNSPACED.search(text) is not None


def every_word(text: str) -> SearchQueryCombinable | None:
    """The question for texts that hold each word of `text`, or a longer one that begins with it; None without words.

    A word of a script without spaces is looked for as its letters in a row, wherever they stand. Twelve words count.
    """
    words = WORD.findall(text)[:MAX_WORDS]
    rows: list[SearchQueryCombinable] = [
        SearchQuery(Spaced(Value(word)), config=CONFIG, search_type="phrase") for word in words if is_unspaced(word)
    ]
    if plain := " & ".join(f"'{word}':*" for word in words if not is_unspaced(word)):
        rows.append(SearchQuery(plain, config=CONFIG, search_type="raw"))
    return reduce(and_, rows) if rows else None


def in_rows(text: str) -> str:
    """A text in websearch syntax whose words of scripts without spaces are phrases of their letters."""
    return _PIECE.sub(lambda found: _quoted(*found.groups()), text)


def _quoted(sign: str, piece: str) -> str:
    return f'{sign}"{piece}"' if is_unspaced(piece) and not piece.startswith('"') else sign + piece
