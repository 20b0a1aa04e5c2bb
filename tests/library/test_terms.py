"""How typed text is read: no text is an error, neither here nor in PostgreSQL."""

import contextlib
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db.models import TextField
from django.db.models.functions import Cast
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from kapture.core.errors import InvalidInput
from library.cursors import After, Skip, decode
from library.highlights import Piece, mark, pieces
from library.matching import CLOSE, OPEN, question
from library.specs import LibraryQuery, Sort
from library.terms import Mode, Terms, understood

# Text of the kinds that break parsers: operators, quotes, marks, and letters of many scripts.
NASTY = st.text(
    alphabet=st.one_of(st.sampled_from("\"'-()<>|&!:*\\%_$ aAzZ01éßאकَ咖🚀\u202e\ufeff"), st.characters()), max_size=60
)
CLEAN = NASTY.filter(lambda text: "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text))


@pytest.mark.parametrize(
    ("text", "mode", "unfinished"),
    [
        ("kite", Mode.WORDS, True),
        ("red kite", Mode.WORDS, True),
        ("kite ", Mode.WORDS, True),
        ("k", Mode.WORDS, False),
        ("red -kite", Mode.WORDS, False),
        ('"red kite"', Mode.WORDS, False),
        ('"red kite', Mode.WORDS, False),
        ("what?", Mode.WORDS, False),
        ("☕ kite", Mode.WORDS, True),
        ("咖啡 kite", Mode.WORDS, True),
        ("kite 咖啡", Mode.WORDS, False),
        ("ไทย", Mode.WORDS, False),
        ("🚀", Mode.CONTAINS, False),
        ("%", Mode.CONTAINS, False),
        ("https://x.com/a/status/1", Mode.CONTAINS, False),
    ],
)
def test_words_go_to_the_index_and_what_it_cannot_hold_is_looked_for_as_it_is(
    text: str, mode: Mode, unfinished: bool
) -> None:
    terms = Terms.of(text)
    assert (terms.mode, terms.unfinished) == (mode, unfinished)


@given(CLEAN)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postgresql_takes_any_text_as_a_question(alice: User, text: str) -> None:
    with contextlib.suppress(InvalidInput):
        query = LibraryQuery(text, sort=Sort.BEST)
        if query.terms:
            tsquery = User.objects.values_list(Cast(question(query.terms), TextField()), flat=True).get()
            understood(query.terms, tsquery)


@pytest.mark.parametrize(
    ("tsquery", "said"),
    [
        ("", ""),
        ("'kite'", "“kite”"),
        ("'kite':*", "“kite…”"),
        ("'a' | 'b' & !'c' & 'd' <-> 'e'", "“a” or “b” without “c” and “d e”"),
        ("!( 'a' <-> 'b' )", "without “a b”"),
        ("'o''neil' & 'back\\\\slash'", "“o'neil” and “back\\slash”"),
        ("'a-b' <-> 'a' <-> 'b':*", "“a-b”"),
        ("'c' <2> 'd'", "“c d”"),
    ],
)
def test_a_question_is_told_in_words(tsquery: str, said: str) -> None:
    assert understood(Terms.of("some words"), tsquery) == said


def test_marked_text_falls_into_pieces_and_stray_marks_are_dropped() -> None:
    assert pieces(f"a {OPEN}kite{CLOSE} b") == (Piece("a "), Piece("kite", hit=True), Piece(" b"))
    assert pieces(f"{CLOSE}a{OPEN} b") == (Piece("a b"),)
    assert pieces("") == ()


@given(CLEAN, st.lists(CLEAN.filter(bool), min_size=1, max_size=3))
def test_marking_changes_no_character(text: str, wanted: list[str]) -> None:
    found = mark(text, tuple(wanted), whole=True)
    assert "".join(piece.text for piece in found) == text.replace(OPEN, "").replace(CLOSE, "")


def test_a_long_text_is_cut_around_its_first_hit() -> None:
    found = mark("x " * 500 + "KITE" + " y" * 500, ("kite",))
    assert [piece.text for piece in found if piece.hit] == ["KITE"]
    assert found[0].text.startswith("… ")
    assert found[-1].text.endswith(" …")
    assert sum(len(piece.text) for piece in found) < 220
    assert mark("nothing here", ("kite",)) == ()


def test_cursors_come_back_as_they_went() -> None:
    after = After(datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC), UUID(int=7))
    assert decode(after.encode(), 100) == after
    assert decode(Skip(40).encode(), 100) == Skip(40)


@pytest.mark.parametrize(
    "cursor",
    [
        Skip(101).encode(), "W10", "bnVsbA", "W3RydWVd", "Wy0xXQ", "WyJub3ciLCJ4Il0",
        "WyIyMDI2LTAzLTAxVDEyOjAwOjAwIiwiMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDA3Il0",
    ],
)  # fmt: skip
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        decode(cursor, 100)
    assert list(refusal.value.details) == ["cursor"]


@given(st.text(max_size=250))
def test_no_cursor_breaks_the_reader(cursor: str) -> None:
    with contextlib.suppress(InvalidInput):
        decode(cursor, 100)
