"""Saving boards: nobody overwrites anybody, and the history can bring back what was there."""

from typing import Any

import pytest

from accounts.models import User
from ideaboards import services
from ideaboards.models import Generation, Ideaboard
from ideaboards.richtext import Node, empty
from ideaboards.services import boards
from ideaboards.specs import BoardChanges, WritingSpec
from kapture.core.errors import Conflict, InvalidInput, NotFound
from kapture.sandbox.control import Control
from tests.ideaboards.conftest import captured
from trends.models import Trend


def body(text: str, *more: Node) -> Node:
    return {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}, *more]}]}


def cite(trend: Trend) -> Node:
    return {"type": "citation", "attrs": {"trend": str(trend.pk)}}


@pytest.fixture
def board(alice: User) -> Ideaboard:
    return services.create_board(alice, BoardChanges("Hooks", body=body("First"), version=0))


def test_a_new_board_is_a_draft_with_a_history(board: Ideaboard) -> None:
    assert (board.state, board.version, board.body_text) == ("draft", 1, "First")
    assert [row.reason for row in board.versions.all()] == ["created"]


def test_a_save_names_the_version_it_was_made_from(alice: User, board: Ideaboard) -> None:
    saved = services.save_board(alice, board.pk, BoardChanges(body=body("Second"), version=1))
    assert (saved.version, saved.body_text) == (2, "Second")

    with pytest.raises(Conflict) as caught:
        services.save_board(alice, board.pk, BoardChanges(body=body("Third"), version=1))

    assert caught.value.details == {"version": 2}
    board.refresh_from_db()
    assert board.body_text == "Second"


def test_a_body_without_a_version_is_refused() -> None:
    with pytest.raises(InvalidInput):
        BoardChanges(body=empty())


def test_somebody_elses_board_is_missing(bob: User, board: Ideaboard) -> None:
    for action in (
        lambda: services.save_board(bob, board.pk, BoardChanges(title="Mine", version=1)),
        lambda: services.restore(bob, board.pk, 1, 1),
        lambda: services.delete_board(bob, board.pk),
    ):
        with pytest.raises(NotFound):
            action()
    board.refresh_from_db()
    assert board.title == "Hooks"


def test_autosaves_of_one_sitting_are_one_version(alice: User, board: Ideaboard) -> None:
    for version, text in enumerate(("a", "ab", "abc"), 1):
        services.save_board(alice, board.pk, BoardChanges(body=body(text), version=version))
    assert [(row.number, row.words) for row in board.versions.order_by("number")] == [(1, 1), (4, 1)]

    board.versions.update(created_at=board.created_at - boards.SITTING * 2)
    services.save_board(alice, board.pk, BoardChanges(body=body("later"), version=4))

    assert [row.number for row in board.versions.order_by("number")] == [1, 4, 5]


def test_a_change_of_tags_is_no_version(alice: User, board: Ideaboard) -> None:
    saved = services.save_board(alice, board.pk, BoardChanges(tags=("#Hooks", "hooks", " short  form ")))

    assert (saved.tags, saved.version) == (["Hooks", "short form"], 1)
    assert board.versions.count() == 1


def test_an_earlier_version_can_be_brought_back(alice: User, board: Ideaboard) -> None:
    services.save_board(alice, board.pk, BoardChanges(title="Other", body=body("Second"), version=1))

    restored = services.restore(alice, board.pk, 1, 2)

    assert (restored.title, restored.body_text, restored.version) == ("Hooks", "First", 3)
    with pytest.raises(NotFound):
        services.restore(alice, board.pk, 99, 3)


def test_the_history_is_bounded(alice: User, board: Ideaboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "KEPT_VERSIONS", 3)
    for version in range(1, 6):
        services.restore(alice, board.pk, board.versions.latest("number").number, version)

    assert [row.number for row in board.versions.order_by("number")] == [4, 5, 6]


def test_citing_a_trend_makes_it_a_source(alice: User, bob: User, board: Ideaboard, trends: list[Trend]) -> None:
    theirs = captured(bob)
    text = body("Cited ", cite(trends[1]), cite(theirs), cite(trends[0]))

    services.save_board(alice, board.pk, BoardChanges(body=text, version=1))

    assert {source.key for source in board.sources.all()} == {trends[0].pk, trends[1].pk}
    assert sorted(source.n for source in board.sources.all()) == [1, 2]


def test_sources_keep_number_and_title_when_the_trend_is_deleted(alice: User, trends: list[Trend]) -> None:
    board = services.create_board(alice, BoardChanges("Hooks", version=0), sources=trends)
    title = trends[0].title
    trends[0].delete()

    gone = board.sources.get(n=1)
    assert (gone.trend, gone.title) == (None, title)


def test_ideas_are_inserted_at_the_end_with_their_citations(
    openai: Control, alice: User, board: Ideaboard, trends: list[Trend]
) -> None:
    spec = WritingSpec(Generation.Kind.HOOK, "light", tuple(trend.pk for trend in trends), board_id=board.pk, count=3)
    generation = services.generate(alice, spec)

    saved = services.insert_lines(alice, board.pk, generation.pk)

    assert saved.body["content"][0] == body("First")["content"][0]
    assert saved.body["content"][1]["type"] == "bulletList"
    assert len(saved.body["content"][1]["content"]) == 3
    cited = {line["trend"] for line in generation.lines if line["supported"]}
    assert {str(source.key) for source in board.sources.all()} == cited
    with pytest.raises(InvalidInput):
        services.insert_lines(alice, board.pk, generation.pk, 99)


def test_deleting_a_board_keeps_what_was_written_for_it(openai: Control, alice: User, board: Ideaboard) -> None:
    generation = services.generate(alice, WritingSpec(Generation.Kind.TITLE, "light", board_id=board.pk))

    services.delete_board(alice, board.pk)

    generation.refresh_from_db()
    assert generation.board is None


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": " \x00 "},
        {"title": "x" * 201},
        {"description": "x" * 2001},
        {"colour": "mauve"},
        {"tags": ("x" * 51,)},
        {"tags": ("",)},
        {"tags": tuple(str(n) for n in range(21))},
    ],
)
def test_changes_cannot_be_invalid(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        BoardChanges(**fields)


def test_a_board_full_of_opened_comments_is_saved_at_once(alice: User) -> None:
    board = services.create_board(alice, BoardChanges("Notes", body=body("<!--" * 24_000), version=0))

    assert board.body["content"][0]["content"][0]["text"].startswith("<!--<!--")
    assert Ideaboard.objects.get(pk=board.pk).body_text.startswith("<! --<! --")


def test_control_characters_never_reach_the_database(alice: User) -> None:
    board = services.create_board(
        alice, BoardChanges("A\x00\nB", "d\x00\ud800", body=body("a\x00b\ud800"), tags=("t\x00",), version=0)
    )

    assert (board.title, board.description, board.body_text, board.tags) == ("A B", "d", "ab", ["t"])
