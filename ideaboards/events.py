"""A stream of generation events as server-sent events (WHATWG HTML, section 9.2)."""

from collections.abc import Generator, Iterator
from typing import Any

import orjson
from django.http import StreamingHttpResponse

from ideaboards.serializers import GenerationSerializer, LineSerializer
from ideaboards.services.generations import Checked, Ended, Event, Order, Piece
from kapture.api.envelope import encode


class EventStream(Iterator[bytes]):
    """The bytes of a stream; closing it (the client went away, or pressed Stop) closes the generation too."""

    def __init__(self, order: Order, first: Event, rest: Generator[Event, None, None]) -> None:
        self._rest = rest
        self._waiting = [_event("start", {"id": str(order.generation.pk)}), told(first)]

    def __next__(self) -> bytes:
        return self._waiting.pop(0) if self._waiting else told(next(self._rest))

    def close(self) -> None:
        """Stop the writing unless it has ended."""
        self._rest.close()


def response(order: Order, first: Event, rest: Generator[Event, None, None]) -> StreamingHttpResponse:
    """The answer that carries a stream, unbuffered on its way."""
    answer = StreamingHttpResponse(EventStream(order, first, rest), content_type="text/event-stream; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"
    # A compressed stream would be held back until a block is full.
    answer["Content-Encoding"] = "identity"
    return answer


def told(event: Event) -> bytes:
    """One event on the wire."""
    match event:
        case Piece(index, text):
            return _event("text", {"line": index, "text": text})
        case Checked(index, line):
            return _event("line", {"line": index, **LineSerializer(line).data})
        case Ended(generation, None):
            return _event("done", GenerationSerializer(generation).data)
        case Ended(generation, error):
            assert error is not None
            refusal = {"code": error.code, "message": error.message, "details": error.details}
            return _event("error", {**refusal, "generation": GenerationSerializer(generation).data})


def _event(name: str, data: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(data, default=encode, option=orjson.OPT_UTC_Z))
