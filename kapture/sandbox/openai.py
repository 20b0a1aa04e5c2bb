"""The OpenAI stand-in: chat completions as openai 3 speaks them, answered from the sources in the prompt."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from kapture.sandbox.clock import now
from kapture.sandbox.messages import Answer, BadRequestError, Request, Response
from kapture.sandbox.prompts import ask_of, text_of
from kapture.sandbox.schema import Filler, strict_problem
from kapture.sandbox.scribe import Scribe
from kapture.sandbox.standin import Knob, Route, StandIn

MODELS = ("gpt-5.4-mini", "gpt-5.4", "sandbox-writer")
_CODES = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("insufficient_permissions", None),
    404: ("invalid_request_error", "not_found"),
    408: ("timeout", None),
    409: ("conflict", None),
    429: ("requests", "rate_limit_exceeded"),
}
_LINE: Mapping[str, Any] = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "source": {"type": ["integer", "null"]}, "quote": {"type": "string"}},
}
_LINES: Mapping[str, Any] = {"type": "object", "properties": {"lines": {"type": "array", "items": _LINE}}}
_BOARD: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        **{name: {"type": "array", "items": _LINE} for name in ("angle", "hooks", "script", "titles", "hashtags")},
    },
}
_STRUCTURES = ("none", "json_object", "json_schema")


class OpenAIStandIn(StandIn):
    """`/v1/chat/completions` and `/v1/models`, also without the `/v1`."""

    name = "openai"
    knobs: ClassVar[dict[str, Knob]] = {
        "words_per_second": 60.0,  # how fast a stream is written; 0 is at once
        "think_seconds": 0.4,  # how long the first byte takes
        "key": "",  # when set, the only key that is let in
        "models": "",  # when set, the only models there are, with commas between
        "structured": "json_schema",  # the most a request may want: json_schema, json_object or none
        "stream_usage": True,  # whether include_usage is honoured (some compatible servers ignore it)
        "comments": False,  # whether streams begin with a comment line, as OpenRouter's do
    }

    def __init__(self, **knobs: Knob) -> None:
        self._numbers = itertools.count(1)
        super().__init__(**knobs)

    def turn(self, **knobs: Knob) -> None:
        """Change knobs; `structured` has three values only."""
        if knobs.get("structured", "none") not in _STRUCTURES:
            raise BadRequestError(f"structured is one of {', '.join(_STRUCTURES)}.")
        super().turn(**knobs)

    def routes(self) -> Sequence[Route]:
        """The chat and the list of models."""
        return tuple(
            route
            for base in ("/v1", "")
            for route in (
                Route("POST", f"{base}/chat/completions", self._chat),
                Route("GET", f"{base}/models", self._models),
                Route("GET", f"{base}/models/{{model}}", self._model),
            )
        )

    def refuse(self, status: int, message: str) -> Response:
        """`{"error": {"message", "type", "param", "code"}}`."""
        kind, code = _CODES.get(status, ("server_error", None))
        return _refused(status, message, kind, code)

    def guard(self, request: Request, answer: Answer) -> Response:
        """Nothing without a key, and a request id on everything."""
        if not request.bearer:
            return self.refuse(401, "You didn't provide an API key.")
        if self.settings["key"] not in ("", request.bearer):
            return self.refuse(401, "Incorrect API key provided.")
        response = answer()
        response.headers["x-request-id"] = f"req_{next(self._numbers):012x}"
        return response

    def _models(self, request: Request, _: dict[str, str]) -> Response:
        return Response.json({"object": "list", "data": [_model(name) for name in self._known() or MODELS]})

    def _model(self, request: Request, names: dict[str, str]) -> Response:
        if names["model"] not in (self._known() or MODELS):
            return _no_model(names["model"])
        return Response.json(_model(names["model"]))

    def _known(self) -> list[str]:
        return [name.strip() for name in str(self.settings["models"]).split(",") if name.strip()]

    def _chat(self, request: Request, _: dict[str, str]) -> Response:
        order = request.json_object()
        model, messages = order.get("model"), order.get("messages")
        if not isinstance(model, str) or not model:
            raise BadRequestError("you must provide a model parameter")
        if not isinstance(messages, list) or not messages or not all(isinstance(item, dict) for item in messages):
            raise BadRequestError("Invalid type for 'messages': expected a non-empty array of objects.")
        if self._known() and model not in self._known():
            return _no_model(model)
        problem = self._problem(order, messages)
        if problem:
            return problem
        self.closing.wait(self.seconds("think_seconds"))
        try:
            text = _answer(messages, order.get("response_format") or {})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return _refused(400, f"Invalid schema for response_format: {error!r}.", param="response_format")
        limit = order.get("max_completion_tokens") or order.get("max_tokens")
        cut = isinstance(limit, int) and tokens(text) > limit
        text = text[: limit * 4] if cut and isinstance(limit, int) else text
        reply = _Reply(next(self._numbers), model, text, "length" if cut else "stop", _usage(messages, text))
        if order.get("stream"):
            return self._streamed(reply, order)
        return Response.json(reply.whole())

    def _problem(self, order: dict[str, Any], messages: list[dict[str, Any]]) -> Response | None:
        """Why the provider would refuse this order, or None."""
        form = order.get("response_format") or {"type": "text"}
        kind = form.get("type") if isinstance(form, dict) else None
        allowed = _STRUCTURES.index(str(self.settings["structured"]))
        if kind not in ("text", *_STRUCTURES[1 : allowed + 1]):
            return _refused(400, f"Invalid value for response_format: '{kind}'.", param="response_format")
        if kind == "json_object" and not any("json" in text_of(message).lower() for message in messages):
            told = (
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
            )
            return _refused(400, told, param="messages")
        if kind == "json_schema":
            shape = form.get("json_schema")
            if not isinstance(shape, dict) or not isinstance(shape.get("schema"), dict) or not shape.get("name"):
                return _refused(
                    400, "Missing required parameter: 'response_format.json_schema'.", param="response_format"
                )
            told = strict_problem(shape["schema"]) if shape.get("strict") else ""
            if told:
                told = f"Invalid schema for response_format '{shape['name']}': {told}"
                return _refused(400, told, param="response_format")
        if order.get("stream_options") is not None and not order.get("stream"):
            told = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
            return _refused(400, told, param="stream_options")
        if order.get("n", 1) != 1:
            return _refused(400, "The sandbox writes one choice.", param="n")
        return None

    def _streamed(self, reply: "_Reply", order: dict[str, Any]) -> Response:
        wanted = bool((order.get("stream_options") or {}).get("include_usage")) and bool(self.settings["stream_usage"])
        return Response(200, {"content-type": "text/event-stream; charset=utf-8"}, self._events(reply, wanted))

    def _events(self, reply: "_Reply", usage: bool) -> Iterator[bytes]:
        """One event for each word, the finish, the usage when it was wanted, and the end mark."""
        if self.settings["comments"]:
            yield b": SANDBOX PROCESSING\n\n"
        yield reply.event({"role": "assistant", "content": "", "refusal": None}, None, usage)
        speed = self.seconds("words_per_second")
        for word in re.findall(r"\s*\S+\s*$|\s*\S+", reply.text):
            if speed and self.closing.wait(1 / speed):
                return
            yield reply.event({"content": word}, None, usage)
        yield reply.event({}, reply.finish, usage)
        if usage:
            yield reply.last()
        yield b"data: [DONE]\n\n"


class _Reply:
    """One answer in the two forms of the wire."""

    def __init__(self, number: int, model: str, text: str, finish: str, usage: dict[str, Any]) -> None:
        self.text, self.finish, self.usage = text, finish, usage
        self._head = {"id": f"chatcmpl-sandbox{number:08}", "created": int(now().timestamp()), "model": model}
        self._tail = {"service_tier": "default", "system_fingerprint": "fp_sandbox"}

    def whole(self) -> dict[str, Any]:
        """A chat.completion object."""
        message: dict[str, Any] = {"role": "assistant", "content": self.text, "refusal": None, "annotations": []}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": self.usage, **self._tail}

    def event(self, delta: dict[str, Any], finish: str | None, usage: bool) -> bytes:
        """A chat.completion.chunk event."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._event([choice], {"usage": None} if usage else {})

    def last(self) -> bytes:
        """The event that carries the usage and no choice."""
        return self._event([], {"usage": self.usage})

    def _event(self, choices: list[dict[str, Any]], more: dict[str, Any]) -> bytes:
        value = {**self._head, "object": "chat.completion.chunk", "choices": choices, **self._tail, **more}
        return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def tokens(text: str) -> int:
    """About four characters a token."""
    return -(-len(text) // 4)


def _answer(messages: Sequence[Mapping[str, Any]], form: Mapping[str, Any]) -> str:
    """The text of the answer: JSON when the form or the system message wants it, otherwise one line after the other."""
    ask = ask_of(messages)
    scribe = Scribe(ask)
    if form.get("type") == "json_schema":
        return json.dumps(Filler(form["json_schema"]["schema"], scribe).value(), ensure_ascii=False)
    value = Filler(_BOARD if ask.task == "ideaboard" else _LINES, scribe).value()
    told = any("json" in text_of(message).lower() for message in messages if message.get("role") == "system")
    if form.get("type") == "json_object" or told:
        return json.dumps(value, ensure_ascii=False)
    parts = [value.pop("title")] if "title" in value else []
    return "\n".join([*parts, *(_cited(line) for lines in value.values() for line in lines)])


def _cited(line: Mapping[str, Any]) -> str:
    return f"{line['text']} [{line['source']}]" if line["source"] else str(line["text"])


def _usage(messages: Sequence[Mapping[str, Any]], text: str) -> dict[str, Any]:
    prompt = sum(tokens(text_of(message)) + 3 for message in messages) + 3
    written = tokens(text)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _refused(
    status: int, message: str, kind: str = "invalid_request_error", code: str | None = None, param: str | None = None
) -> Response:
    return Response.json({"error": {"message": message, "type": kind, "param": param, "code": code}}, status)


def _no_model(name: str) -> Response:
    told = f"The model `{name}` does not exist or you do not have access to it."
    return _refused(404, told, code="model_not_found", param="model")


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_780_000_000, "owned_by": "sandbox"}
