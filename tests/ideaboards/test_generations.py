"""What a generation costs in each of its endings, and what is kept."""

import json
from contextlib import closing
from typing import Any

import pytest

from accounts.models import User
from billing.models import Reservation
from billing.queries import plan_of
from ideaboards import services
from ideaboards.models import Generation, Ideaboard
from ideaboards.services.generations import FORGOTTEN, Checked, Ended, Piece
from ideaboards.specs import BoardChanges, WritingSpec
from kapture.core.errors import InvalidInput, RateLimited, Unavailable, UsageExceeded
from kapture.core.ids import new_id
from kapture.gateways.writing import WritingFailed
from kapture.sandbox.control import Control
from tests.ideaboards.conftest import captured
from trends.models import Trend

HOOK = Generation.Kind.HOOK


def hold(generation: Generation) -> tuple[str, int]:
    row = Reservation.objects.get(source_id=generation.pk)
    return row.state, row.settled


def latest(user: User) -> Generation:
    row: Generation = Generation.objects.for_user(user).latest("created_at")
    return row


def spec(trends: list[Trend], **fields: Any) -> WritingSpec:
    return WritingSpec(HOOK, "studio lighting", tuple(trend.pk for trend in trends), **fields)


def test_lines_are_kept_with_what_supports_them(openai: Control, alice: User, trends: list[Trend]) -> None:
    generation = services.generate(alice, spec(trends, count=4))

    assert generation.state == Generation.State.COMPLETED
    assert len(generation.lines) == 4
    known = {str(trend.pk) for trend in trends}
    for line in generation.lines:
        assert line["trend"] in known or not line["supported"]
    assert any(line["supported"] for line in generation.lines)
    assert generation.tokens_in > 0
    assert generation.cost_micro_usd is None
    assert hold(generation) == ("settled", 1)


def test_a_claim_that_does_not_stand_in_the_source_is_marked(openai: Control, alice: User, trends: list[Trend]) -> None:
    line = {"text": "Most viewers replay it.", "source": 1, "quote": "most viewers replay it"}
    message = {"role": "assistant", "content": f'{{"lines": [{json.dumps(line)}]}}'}
    openai.fault("body", body={"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    generation = services.generate(alice, spec(trends))

    assert generation.lines[0]["supported"] is False
    assert generation.lines[0]["trend"] == str(trends[0].pk)
    assert generation.tokens_estimated


def test_a_failed_provider_costs_nothing(openai: Control, alice: User, trends: list[Trend]) -> None:
    openai.fault("status", status=401)

    with pytest.raises(WritingFailed):
        services.generate(alice, spec(trends))

    generation = latest(alice)
    assert (generation.state, generation.error_code) == ("failed", "bad_key")
    assert hold(generation) == ("released", 0)


def test_a_cut_stream_is_kept_and_costs_nothing(openai: Control, alice: User, trends: list[Trend]) -> None:
    openai.fault("cut", chunks=12)

    events = list(services.stream(services.begin(alice, spec(trends))))

    ended = events[-1]
    assert isinstance(ended, Ended)
    assert ended.error is not None
    assert ended.generation.error_code == "cut"
    assert ended.generation.lines
    assert ended.generation.tokens_estimated
    assert hold(ended.generation) == ("released", 0)


def test_a_stream_tells_pieces_and_checked_lines(openai: Control, alice: User, trends: list[Trend]) -> None:
    events = list(services.stream(services.begin(alice, spec(trends, count=3))))

    ended = events[-1]
    assert isinstance(ended, Ended)
    texts = ["", "", ""]
    for event in events:
        if isinstance(event, Piece):
            texts[event.index] += event.text
    assert texts == [line["text"] for line in ended.generation.lines]
    assert [event.index for event in events if isinstance(event, Checked)] == [0, 1]
    assert hold(ended.generation) == ("settled", 1)


def test_stopping_keeps_what_had_come_and_is_charged(openai: Control, alice: User, trends: list[Trend]) -> None:
    order = services.begin(alice, spec(trends))
    with closing(services.stream(order)) as events:
        for _ in range(12):
            next(events)

    order.generation.refresh_from_db()
    assert order.generation.state == Generation.State.STOPPED
    assert order.generation.text
    assert hold(order.generation) == ("settled", 1)


def test_the_last_unit_is_sold_once(openai: Control, alice: User, trends: list[Trend]) -> None:
    limit = plan_of(alice).ai_generations
    for _ in range(limit):
        services.generate(alice, spec(trends))

    with pytest.raises(UsageExceeded):
        services.generate(alice, spec(trends))

    assert Generation.objects.for_user(alice).count() == limit


def test_without_a_provider_nothing_is_reserved(settings: Any, alice: User, trends: list[Trend]) -> None:
    settings.OPENAI_API_KEY = ""

    with pytest.raises(Unavailable):
        services.generate(alice, spec(trends))

    assert not Reservation.objects.exists()
    assert not Generation.objects.exists()


def test_somebody_elses_trends_look_like_missing_ones(openai: Control, alice: User, bob: User) -> None:
    theirs = captured(bob)

    for pk in (theirs.pk, new_id()):
        with pytest.raises(InvalidInput) as caught:
            services.generate(alice, WritingSpec(HOOK, "x", (pk,)))
        assert caught.value.details == {"trendIds": ["Some of these trends do not exist."]}
    assert not Reservation.objects.exists()


def test_two_at_once_are_enough(openai: Control, alice: User, trends: list[Trend]) -> None:
    services.begin(alice, spec(trends))
    services.begin(alice, spec(trends))

    with pytest.raises(RateLimited):
        services.begin(alice, spec(trends))


def test_a_board_lends_its_sources_and_its_text(openai: Control, alice: User, trends: list[Trend]) -> None:
    board = services.create_board(alice, BoardChanges("Hooks", version=0), sources=trends)

    services.generate(alice, WritingSpec(HOOK, board_id=board.pk))

    sent = openai.requests()[0]["body"]["messages"][1]["content"]
    assert "Topic: Hooks" in sent
    assert trends[0].title in sent
    assert Ideaboard.objects.get().generations.count() == 1


def test_rows_of_a_process_that_died_are_ended(openai: Control, alice: User, trends: list[Trend]) -> None:
    order = services.begin(alice, spec(trends))
    assert services.sweep() == 0
    Generation.objects.update(created_at=order.generation.created_at - FORGOTTEN * 2)

    assert services.sweep() == 1
    order.generation.refresh_from_db()
    assert order.generation.error_code == "lost"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, "prompt"),
        ({"prompt": "x" * 1001}, "prompt"),
        ({"prompt": "x", "count": 0}, "count"),
        ({"prompt": "x", "count": 21}, "count"),
        ({"prompt": "x", "tone": "x" * 101}, "tone"),
        ({"trend_ids": tuple(new_id() for _ in range(21))}, "trendIds"),
    ],
)
def test_a_spec_cannot_be_invalid(fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        WritingSpec(HOOK, **fields)
    assert list(caught.value.details) == [wrong]
