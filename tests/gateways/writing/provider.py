"""A provider that says exactly what a test scripts, over a real socket."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from kapture.sandbox.messages import Ending, Request, Response
from kapture.sandbox.standin import Route, StandIn

HOOKS: dict[str, list[dict[str, Any]]] = {
    "lines": [
        {"text": "You lose them at second three.", "source": 1, "quote": "second three"},
        {"text": "The lamp did it.", "source": None, "quote": ""},
    ]
}
USAGE = {"prompt_tokens": 120, "completion_tokens": 40, "total_tokens": 160}


class Scripted(StandIn):
    """Answers with the scripted responses in order, the last one for ever."""

    name = "scripted"

    def __init__(self) -> None:
        super().__init__()
        self.script: list[Response] = []
        self.url = ""

    def routes(self) -> Sequence[Route]:
        """Chat completions only."""
        return (Route("POST", "/v1/chat/completions", self._next),)

    def refuse(self, status: int, message: str) -> Response:
        """OpenAI's error envelope."""
        return refusal(status, message=message)

    def says(self, *responses: Response) -> None:
        """Script what comes next."""
        self.script = list(responses)

    def asked(self) -> list[dict[str, Any]]:
        """The bodies of the requests so far."""
        return [entry["body"] for entry in self.journal.entries()]

    def _next(self, request: Request, _: dict[str, str]) -> Response:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


def whole(content: Any, *, finish: str = "stop", usage: Any = USAGE, **message: Any) -> Response:
    """A complete chat completion; content other than text is sent as JSON text."""
    text = content if isinstance(content, str) or content is None else json.dumps(content)
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}
    return Response.json({"id": "c1", "object": "chat.completion", "model": "m-1", "choices": [choice], "usage": usage})


def refusal(
    status: int, code: str | None = None, message: str = "no", param: str | None = None, **head: str
) -> Response:
    """An error in OpenAI's envelope."""
    return Response.json({"error": {"message": message, "code": code, "param": param, "type": "t"}}, status, head)


def pieces(text: str, size: int = 7) -> list[dict[str, Any]]:
    """The events of a stream that carries a text."""
    return [
        {"model": "m-1", "choices": [{"index": 0, "delta": {"content": text[start : start + size]}}]}
        for start in range(0, len(text), size)
    ]


def finished(reason: str = "stop", usage: Any = USAGE) -> list[dict[str, Any]]:
    """The last events of a stream: the finish reason, then the usage when it is told."""
    events: list[dict[str, Any]] = [{"model": "m-1", "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}]
    return [*events, {"model": "m-1", "choices": [], "usage": usage}] if usage else events


def streamed(events: Sequence[Any], *, done: bool = True, ending: Ending = Ending.KEEP) -> Response:
    """A server-sent stream of events; text events are sent as they are."""

    def parts() -> Iterator[bytes]:
        for event in events:
            yield event.encode() if isinstance(event, str) else f"data: {json.dumps(event)}\n\n".encode()
        if done:
            yield b"data: [DONE]\n\n"

    return Response(200, {"content-type": "text/event-stream"}, parts(), ending=ending)
