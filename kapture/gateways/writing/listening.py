"""Taking in an answer: the SDK hands bodies on unchecked, so every field is looked at before it is used."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kapture.gateways.writing import answers, failures, protocol
from kapture.gateways.writing.contract import Chunk, Task

# Twelve characters for each token allowed: far beyond any language, so only a server that ignores the limit meets it.
CHARS_PER_TOKEN_AT_MOST = 12


@dataclass(slots=True)
class Heard:
    """What has arrived of one answer."""

    task: Task
    model: str
    text: str = ""
    finish: str = ""
    usage: Any = None


def hear(task: Task, model: str, body: Any) -> Heard:
    """A whole answer; raises `WritingFailed` for a body that is none (HTML, an error with status 200, a refusal)."""
    _refuse_error(body)
    choice = _first_choice(body)
    message = getattr(choice, "message", None)
    if choice is None or message is None:
        raise failures.failure("bad_output")
    content, finish = getattr(message, "content", None), getattr(choice, "finish_reason", None)
    if getattr(message, "refusal", None) or finish == "content_filter":
        raise failures.failure("refused")
    return Heard(
        task,
        _model(body, model),
        content if isinstance(content, str) else "",
        finish if isinstance(finish, str) else "",
        getattr(body, "usage", None),
    )


def listen(stream: Any, heard: Heard, deadline: float) -> Iterator[Chunk]:
    """Fill `heard` from a stream and pass on each new piece of text; raises when it ends without a finish reason."""
    seen: list[int] = []
    most = protocol.output_tokens(heard.task) * CHARS_PER_TOKEN_AT_MOST
    for event in stream:
        if time.monotonic() > deadline:
            raise failures.failure("timeout")
        if _take(event, heard):
            yield from _news(heard, seen)
        if len(heard.text) > most:
            heard.finish = "length"
            break
    if not heard.finish:
        raise failures.failure("cut" if heard.text else "empty")


def _take(event: Any, heard: Heard) -> bool:
    """Add one event to what was heard; True when it brought text."""
    _refuse_error(event)
    heard.model = _model(event, heard.model)
    heard.usage = getattr(event, "usage", None) or heard.usage
    choice = _first_choice(event)
    delta = getattr(choice, "delta", None)
    finish = getattr(choice, "finish_reason", None)
    if getattr(delta, "refusal", None) or finish == "content_filter":
        raise failures.failure("refused")
    if isinstance(finish, str) and finish:
        heard.finish = finish
    text = getattr(delta, "content", None)
    if not isinstance(text, str) or not text:
        return False
    heard.text += text
    return True


def _news(heard: Heard, seen: list[int]) -> Iterator[Chunk]:
    """The text each line has gained since the last look; `seen` holds the characters of each line passed on so far."""
    lines = answers.growing(heard.task, heard.text)
    for index, line in enumerate(lines):
        if index == len(seen):
            seen.append(0)
        if len(line.text) > seen[index]:
            yield Chunk(index, line.text[seen[index] :], lines)
            seen[index] = len(line.text)


def _first_choice(body: Any) -> Any:
    choices = getattr(body, "choices", None)
    return choices[0] if isinstance(choices, list) and choices else None


def _refuse_error(body: Any) -> None:
    """OpenRouter and others answer 200 with an `error` object."""
    error = (getattr(body, "model_extra", None) or {}).get("error")
    if error:
        raise failures.in_band(error.get("code") if isinstance(error, dict) else None)


def _model(body: Any, asked: str) -> str:
    named = getattr(body, "model", None)
    return named[:100] if isinstance(named, str) and named else asked
