"""`/api/ideaboards` and `/api/ai`: shapes, refusals, streams, and nothing of anybody else's."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing.models import Reservation
from ideaboards import services
from ideaboards.models import Generation, Ideaboard
from ideaboards.specs import BoardChanges
from kapture.core.ids import new_id
from kapture.sandbox.control import Control
from tests.ideaboards.conftest import captured
from tests.ideaboards.test_boards import body
from trends.models import Trend

BOARDS = "/api/ideaboards"
GENERATE = "/api/ai/generate"


@pytest.fixture
def board(alice: User, trends: list[Trend]) -> Ideaboard:
    return services.create_board(alice, BoardChanges("Hooks", body=body("First"), version=0), sources=trends)


def send(client: Client, method: str, path: str, value: Any, **headers: str) -> Any:
    return client.generic(method, path, json.dumps(value), content_type="application/json", headers=headers)


def events(response: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for block in b"".join(response.streaming_content).decode().split("\n\n"):
        if block:
            name, data = block.split("\n")
            yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def leave(answer: Any) -> None:
    """Close the stream as a server does when the client went away, and only it: the test's connection must survive."""
    answer._resource_closers[0]()


def test_a_board_is_made_read_changed_listed_and_removed(api: Client) -> None:
    made = send(api, "POST", BOARDS, {"title": "Hooks", "body": body("First"), "tags": ["#A", "a"]})
    assert made.status_code == 201
    board = made.json()["data"]
    assert (board["version"], board["tags"], board["text"], board["sources"]) == (1, ["A"], "First", [])

    path = f"{BOARDS}/{board['id']}"
    changed = send(api, "PATCH", path, {"body": body("Second"), "version": 1, "state": "published"})
    assert (changed.status_code, changed.json()["data"]["version"]) == (200, 2)
    put = send(api, "PUT", path, {"title": "New", "body": body("Third"), "version": 2})
    assert (put.json()["data"]["tags"], put.json()["data"]["state"]) == ([], "published")

    listed = api.get(f"{BOARDS}?state=published&q=third").json()
    assert [row["title"] for row in listed["data"]] == ["New"]
    assert "body" not in listed["data"][0]
    assert listed["data"][0]["excerpt"] == "Third"
    assert listed["meta"]["pagination"]["total"] == 1
    assert [row["number"] for row in api.get(f"{path}/versions").json()["data"]][-1] == 1

    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_a_stale_version_is_a_conflict_that_names_the_present_one(api: Client, board: Ideaboard) -> None:
    path = f"{BOARDS}/{board.pk}"
    send(api, "PATCH", path, {"title": "A", "version": 1})

    stale = send(api, "PATCH", path, {"title": "B", "version": 1})

    assert stale.status_code == 409
    assert stale.json()["error"]["details"] == {"version": 2}


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "x", "body": "text"}, "body"),
        ({"title": "x", "body": {"type": "paragraph"}}, "body"),
        ({"title": "x", "body": {"type": "doc", "content": [5]}}, "body"),
        ({"title": "x", "state": "gone"}, "state"),
        ({"title": "x", "tags": "a"}, "tags"),
        ({"title": "x", "colour": "mauve"}, "colour"),
        ({"title": "x", "owner": "me"}, "owner"),
    ],
)
def test_a_wrong_board_is_refused_by_field(api: Client, value: Any, field: str) -> None:
    answer = send(api, "POST", BOARDS, value)

    assert answer.status_code == 400
    assert field in answer.json()["error"]["details"]
    assert not Ideaboard.objects.exists()


def test_attacks_in_the_body_are_not_kept(api: Client) -> None:
    link = {"type": "link", "attrs": {"href": "javascript:alert(1)", "onclick": "x"}}
    attack = {"type": "text", "text": "<script>alert(1)</script>", "marks": [link]}
    value = {"type": "doc", "content": [{"type": "iframe", "content": [attack]}]}

    board = send(api, "POST", BOARDS, {"title": "x", "body": value}).json()["data"]

    text = {"type": "text", "text": "<script>alert(1)</script>"}
    assert board["body"]["content"] == [{"type": "paragraph", "content": [text]}]


def test_somebody_elses_things_are_missing(api_for: Callable[[User], Client], bob: User, board: Ideaboard) -> None:
    theirs, missing = api_for(bob), new_id()
    for method, path in [
        ("GET", f"{BOARDS}/{{}}"),
        ("PATCH", f"{BOARDS}/{{}}"),
        ("DELETE", f"{BOARDS}/{{}}"),
        ("GET", f"{BOARDS}/{{}}/versions"),
        ("GET", "/api/ai/generations/{}"),
    ]:
        found = send(theirs, method, path.format(board.pk), {"title": "Mine"})
        absent = send(theirs, method, path.format(missing), {"title": "Mine"})
        assert (found.status_code, found.json()["error"]) == (404, absent.json()["error"])
    assert theirs.get(BOARDS).json()["data"] == []
    assert Client().get(BOARDS).status_code == 401


def test_lines_are_written_and_listed(openai: Control, api: Client, board: Ideaboard) -> None:
    answer = send(api, "POST", GENERATE, {"type": "title", "ideaboardId": str(board.pk), "count": 3})

    assert answer.status_code == 201
    data = answer.json()["data"]
    assert (data["type"], data["state"], len(data["lines"])) == ("title", "completed", 3)
    assert set(data["lines"][0]) == {"text", "section", "n", "trendId", "quote", "supported"}
    usage = answer.json()["meta"]["usage"]
    assert (usage["type"], usage["current"]) == ("ai_generation", 1)
    assert usage["remaining"] == usage["limit"] - 1
    listed = api.get(f"/api/ai/generations?ideaboardId={board.pk}&type=title").json()["data"]
    assert [row["id"] for row in listed] == [data["id"]]
    assert api.get(f"/api/ai/generations/{data['id']}").json()["data"] == data


def test_a_key_pays_once_for_the_same_request(openai: Control, api: Client) -> None:
    order = {"type": "hook", "prompt": "light"}
    first = send(api, "POST", GENERATE, order, **{"Idempotency-Key": "k1"})
    second = send(api, "POST", GENERATE, order, **{"Idempotency-Key": "k1"})

    assert first.json() == second.json()
    assert Reservation.objects.count() == 1


def test_a_stream_is_made_of_events(openai: Control, api: Client, board: Ideaboard) -> None:
    order = {"type": "hook", "ideaboardId": str(board.pk), "count": 2}
    answer = send(api, "POST", GENERATE, order, Accept="text/event-stream")

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/event-stream")
    assert answer["Content-Encoding"] == "identity"
    told = list(events(answer))
    names = [name for name, _ in told]
    assert (names[0], names[-1]) == ("start", "done")
    assert {"text", "line"} <= set(names)
    done = told[-1][1]
    texts = ["", ""]
    for name, data in told:
        if name == "text":
            texts[data["line"]] += data["text"]
    assert texts == [line["text"] for line in done["lines"]]
    assert Reservation.objects.get().state == "settled"


def test_a_stream_that_breaks_ends_with_an_error_event(openai: Control, api: Client, board: Ideaboard) -> None:
    openai.fault("cut", chunks=14)
    answer = send(api, "POST", GENERATE, {"type": "hook", "ideaboardId": str(board.pk)}, Accept="text/event-stream")

    name, data = list(events(answer))[-1]

    assert (name, data["code"]) == ("error", "EXTERNAL_SERVICE_ERROR")
    assert data["details"] == {"service": "openai", "retryable": True}
    assert data["generation"]["error"]["code"] == "cut"
    assert data["generation"]["lines"]
    assert Reservation.objects.get().state == "released"


def test_a_client_that_goes_away_stops_the_writing(openai: Control, api: Client, board: Ideaboard) -> None:
    openai.turn(words_per_second=200.0)
    answer = send(api, "POST", GENERATE, {"type": "hook", "ideaboardId": str(board.pk)}, Accept="text/event-stream")
    for _ in range(6):
        next(iter(answer.streaming_content))

    leave(answer)

    assert Generation.objects.get().state == "stopped"
    assert Reservation.objects.get().settled == 1


def test_a_client_that_never_reads_is_settled_too(openai: Control, api: Client) -> None:
    answer = send(api, "POST", GENERATE, {"type": "hook", "prompt": "x"}, Accept="text/event-stream")

    leave(answer)

    assert Generation.objects.get().state == "stopped"
    assert Reservation.objects.get().state == "settled"


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_provider_that_refuses_is_a_502_that_costs_nothing(openai: Control, api: Client, accept: str) -> None:
    openai.fault("status", status=401)

    answer = send(api, "POST", GENERATE, {"type": "hook", "prompt": "x"}, Accept=accept)

    assert answer.status_code == 502
    error = answer.json()["error"]
    assert (error["code"], error["details"]) == (
        "EXTERNAL_SERVICE_ERROR",
        {"service": "openai", "retryable": False},
    )
    assert Reservation.objects.get().state == "released"


def test_writing_that_is_off_says_what_to_set(api: Client, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    for path, order in ((GENERATE, {"type": "hook", "prompt": "x"}), ("/api/ai/ideaboard", {"topic": "x"})):
        answer = send(api, "POST", path, order)
        assert answer.status_code == 503
        assert "OPENAI_API_KEY" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"prompt": "x"}, "type"),
        ({"type": "ideaboard", "prompt": "x"}, "type"),
        ({"type": "hook"}, "prompt"),
        ({"type": "hook", "prompt": "x" * 1001}, "prompt"),
        ({"type": "hook", "prompt": "x", "count": 0}, "count"),
        ({"type": "hook", "prompt": "x", "count": "many"}, "count"),
        ({"type": "hook", "prompt": ["x"]}, "prompt"),
        ({"type": "hook", "trendIds": ["5"]}, "trendIds.0"),
        ({"type": "hook", "trendIds": [str(new_id())]}, "trendIds"),
        ({"type": "hook", "prompt": "x", "temperature": 2}, "temperature"),
    ],
)
def test_a_wrong_order_is_refused_by_field(openai: Control, api: Client, value: Any, field: str) -> None:
    answer = send(api, "POST", GENERATE, value)

    assert answer.status_code == 400
    assert field in answer.json()["error"]["details"]
    assert not Generation.objects.exists()


def test_somebody_elses_trend_or_board_cannot_be_used(
    openai: Control, api: Client, bob: User, board: Ideaboard, api_for: Callable[[User], Client]
) -> None:
    theirs = captured(bob)
    assert send(api, "POST", GENERATE, {"type": "hook", "trendIds": [str(theirs.pk)]}).status_code == 400
    assert send(api, "POST", "/api/ai/ideaboard", {"trendIds": [str(theirs.pk)]}).status_code == 400
    answer = send(api_for(bob), "POST", GENERATE, {"type": "hook", "ideaboardId": str(board.pk)})
    assert answer.status_code == 404
    assert not Reservation.objects.exists()


def test_a_draft_is_a_job(openai: Control, api: Client, trends: list[Trend]) -> None:
    answer = send(api, "POST", "/api/ai/ideaboard", {"topic": "light", "trendIds": [str(trends[0].pk)]})

    assert answer.status_code == 202
    job = answer.json()["data"]
    assert (job["kind"], job["state"]) == ("ideaboards.draft", "queued")
    assert answer.json()["meta"]["usage"]["current"] == 1


def test_lists_take_the_same_queries_for_few_and_many(api: Client, alice: User, trends: list[Trend]) -> None:
    counts = []
    api.get(BOARDS)
    for _ in range(2):
        for number in range(10):
            services.create_board(alice, BoardChanges(f"Board {number}", version=0), sources=trends)
        with CaptureQueriesContext(connection) as queries:
            assert api.get(f"{BOARDS}?limit=100").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
