"""Searching by words."""

import pytest

from accounts.models import User
from kapture.core.paging import PageRequest
from library import queries
from tests.library.finding import find, titles
from tests.library.things import board, download, minutes_ago, trend


def test_it_finds_words_in_titles_creators_and_texts_of_every_room(alice: User) -> None:
    trend(alice, "Ceramic glazing")
    trend(alice, "By its author", author_name="Glazing Studio")
    trend(alice, "By its text", text="a word about glazing in the middle")
    download(alice, "Glazing clip")
    board(alice, "Plan", body_text="Start with glazing, then fire.")
    board(alice, "Unrelated")

    assert set(titles(find(alice, "glazing"))) == {
        "Ceramic glazing", "By its author", "By its text", "Glazing clip", "Plan",
    }  # fmt: skip


def test_a_title_is_a_better_match_than_a_text(alice: User) -> None:
    trend(alice, "In the text", text="some lines about glazing and more", scraped_at=minutes_ago(0))
    trend(alice, "Glazing in the title", scraped_at=minutes_ago(60))

    assert titles(find(alice, "glazing"))[0] == "Glazing in the title"
    assert titles(find(alice, "glazing", sort="newest"))[0] == "In the text"


def test_the_last_word_may_go_on_and_those_before_may_not(alice: User) -> None:
    trend(alice, "Cooking with garlic")

    assert titles(find(alice, "gar")) == ["Cooking with garlic"]
    assert titles(find(alice, "cooking gar")) == ["Cooking with garlic"]
    assert titles(find(alice, "cook garlic")) == []
    assert titles(find(alice, '"gar"')) == []
    assert titles(find(alice, "cooking -gar")) == ["Cooking with garlic"]


def test_phrases_alternatives_and_exclusions_work(alice: User) -> None:
    for title in ("red kite", "kite red", "blue boat", "red boat"):
        trend(alice, title)

    assert titles(find(alice, '"red kite"')) == ["red kite"]
    assert set(titles(find(alice, "kite or blue"))) == {"red kite", "kite red", "blue boat"}
    assert titles(find(alice, "boat -blue")) == ["red boat"]


def test_hits_are_marked_in_title_and_text(alice: User) -> None:
    trend(alice, "A kite for the kitesurfer", text="Far away. " * 30 + "Then a kite rose. " + "More. " * 30)

    item = find(alice, "kite").page.rows[0]

    assert [(piece.text, piece.hit) for piece in item.marked] == [
        ("A ", False), ("kite", True), (" for the ", False), ("kitesurfer", True),
    ]  # fmt: skip
    assert [piece.text for piece in item.extract if piece.hit] == ["kite"]
    assert len("".join(piece.text for piece in item.extract)) < 300


def test_the_best_matches_are_those_of_the_newest_candidates_and_this_is_said(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "CANDIDATES", 3)
    for number in range(5):
        trend(alice, f"kite {number}", scraped_at=minutes_ago(number))

    found = find(alice, "kite", PageRequest(limit=2))
    rest = find(alice, "kite", PageRequest(limit=2, cursor=found.page.next_cursor or ""))

    assert titles(found) + titles(rest) == ["kite 0", "kite 1", "kite 2"]
    assert rest.page.next_cursor is None
    assert "newest 3 matches" in found.limits
    assert find(alice, "kite", sort="newest").limits == ""
