"""A streamed answer: what is passed on while it grows, and how each way of ending is told."""

import json
import time

import pytest

from kapture.gateways.writing import Chunk, Line, Task, Writer, WritingFailed, WritingRequest, Written
from kapture.sandbox.faults import Fault, FaultMode
from kapture.sandbox.messages import Ending, Response
from tests.gateways.writing.provider import HOOKS, Scripted, finished, pieces, refusal, streamed, whole

REQUEST = WritingRequest(Task.HOOKS, "studio lighting", 2)
TEXT = json.dumps(HOOKS)
LINES = (Line("You lose them at second three.", 1, "second three"), Line("The lamp did it."))


def texts(chunks: list[Chunk]) -> list[str]:
    """The text of each line as a reader of the chunks would have put it together."""
    found: dict[int, str] = {}
    for chunk in chunks:
        if chunk.written is None:
            found[chunk.index] = found.get(chunk.index, "") + chunk.text
    return list(found.values())


def result(chunks: list[Chunk]) -> Written:
    assert chunks[-1].written is not None
    return chunks[-1].written


def broken(writer: Writer) -> tuple[list[Chunk], WritingFailed]:
    chunks: list[Chunk] = []
    with pytest.raises(WritingFailed) as caught:
        chunks.extend(writer.stream(REQUEST))
    return chunks, caught.value


def test_text_is_passed_on_while_it_grows(provider: Scripted, writer: Writer) -> None:
    provider.says(streamed([": PROCESSING\n\n", *pieces(TEXT), *finished()]))

    chunks = list(writer.stream(REQUEST))

    assert len(chunks) > 8
    assert texts(chunks) == [line.text for line in LINES]
    assert result(chunks).lines == LINES
    assert result(chunks).usage.tokens_out == 40
    assert provider.asked()[0]["stream_options"] == {"include_usage": True}


def test_a_stream_without_counts_is_estimated(provider: Scripted, writer: Writer) -> None:
    provider.says(streamed([*pieces(TEXT), *finished(usage=None)], done=False))

    usage = result(list(writer.stream(REQUEST))).usage

    assert usage.estimated
    assert usage.tokens_out == -(-len(TEXT) // 4)


@pytest.mark.parametrize("ending", list(Ending))
@pytest.mark.parametrize("share", [1, 8, 14])
def test_a_cut_stream_is_an_error_with_what_had_come(
    provider: Scripted, writer: Writer, share: int, ending: Ending
) -> None:
    provider.says(streamed(pieces(TEXT)[:share], done=ending is Ending.KEEP, ending=ending))

    chunks, failed = broken(writer)

    assert failed.reason == "cut"
    assert failed.retryable
    assert [line.text for line in failed.partial] == texts(chunks)
    assert failed.usage is not None
    assert failed.usage.estimated


def test_a_stream_that_ends_before_any_text_is_empty(provider: Scripted, writer: Writer) -> None:
    provider.says(streamed([]))

    assert broken(writer)[1].reason == "empty"


def test_an_error_inside_the_stream_is_an_error(provider: Scripted, writer: Writer) -> None:
    provider.says(streamed([*pieces(TEXT)[:9], {"error": {"message": "overloaded", "code": 502}}]))

    _, failed = broken(writer)

    assert failed.reason == "overloaded"
    assert failed.partial


def test_junk_inside_the_stream_is_a_cut(provider: Scripted, writer: Writer) -> None:
    provider.says(streamed([*pieces(TEXT)[:9], "data: {nonsense\n\n"]))

    assert broken(writer)[1].reason == "cut"


def test_a_whole_body_instead_of_a_stream_is_refused(provider: Scripted, writer: Writer) -> None:
    provider.says(Response.text("<h1>proxy</h1>", "text/html"))

    assert broken(writer)[1].reason == "empty"


def test_a_stream_that_stops_moving_is_given_up(provider: Scripted, writer: Writer) -> None:
    provider.says(streamed([*pieces(TEXT), *finished()]))
    provider.faults.add(Fault(FaultMode.DRIP, bps=40.0))
    begun = time.monotonic()

    assert broken(writer)[1].reason == "timeout"
    assert time.monotonic() - begun < 6


def test_a_declined_stream_is_told_as_such(provider: Scripted, writer: Writer) -> None:
    provider.says(streamed(finished("content_filter")))

    assert broken(writer)[1].reason == "refused"


def test_the_length_limit_keeps_the_complete_lines(provider: Scripted, writer: Writer) -> None:
    provider.says(streamed([*pieces(TEXT[:-40]), *finished("length")]))

    written = result(list(writer.stream(REQUEST)))

    assert written.shortened
    assert written.lines == LINES[:1]


def test_an_unreadable_stream_is_asked_for_once_more_whole(provider: Scripted, writer: Writer) -> None:
    provider.says(streamed([*pieces("I would rather chat."), *finished()]), whole(HOOKS))

    written = result(list(writer.stream(REQUEST)))

    assert written.lines == LINES
    assert written.usage.tokens_in == 240


def test_a_refused_start_is_told_before_any_text(provider: Scripted, writer: Writer) -> None:
    provider.says(refusal(401))

    chunks, failed = broken(writer)

    assert (chunks, failed.reason) == ([], "bad_key")


def test_a_provider_without_stream_options_is_asked_without(provider: Scripted, writer: Writer) -> None:
    provider.says(refusal(400, message="stream_options is not supported"), streamed([*pieces(TEXT), *finished()]))

    assert result(list(writer.stream(REQUEST))).lines == LINES
    assert "stream_options" not in provider.asked()[1]


def test_a_server_that_ignores_the_limit_is_stopped(provider: Scripted, writer: Writer) -> None:
    flood = '{"lines": [{"text": "' + "word " * 20_000
    provider.says(streamed([*pieces(flood, 500)]))

    chunks, failed = broken(writer)

    assert failed.reason == "cut"
    assert sum(len(chunk.text) for chunk in chunks) <= 4_000
