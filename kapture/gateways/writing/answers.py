"""Reading what a model wrote: JSON with or without prose around it, whole or still growing, always validated."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from kapture.gateways.writing.contract import Line, Task

SECTIONS = ("angle", "hooks", "script", "titles", "hashtags")
MAX_LINES = 60
TEXT_CHARS = 4_000
QUOTE_CHARS = 600
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
FENCE = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)


class BadAnswer(ValueError):
    """The text is not the JSON asked for; the message says where it differs."""


def _clean(value: Any) -> Any:
    return CONTROL.sub("", value).strip() if isinstance(value, str) else value


def _quote(value: Any) -> Any:
    return "" if value is None else _clean(value)


def _number(value: Any) -> Any:
    """Small models write 1 as "1" or "[1]"; anything else that is no number means no source."""
    if isinstance(value, str):
        digits = re.search(r"\d{1,3}", value)
        return int(digits.group()) if digits else None
    return value


class AnswerLine(BaseModel):
    """One line as the model wrote it."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, BeforeValidator(_clean), Field(max_length=TEXT_CHARS)]
    source: Annotated[int | None, BeforeValidator(_number)]
    quote: Annotated[str, BeforeValidator(_quote), Field(max_length=QUOTE_CHARS)]


class TolerantLine(AnswerLine):
    """The same line read kindly: a missing source or quote means that there is none."""

    model_config = ConfigDict(extra="ignore")

    source: Annotated[int | None, BeforeValidator(_number)] = None
    quote: Annotated[str, BeforeValidator(_quote), Field(max_length=QUOTE_CHARS)] = ""


class LinesAnswer(BaseModel):
    """The answer of every task but the ideaboard."""

    lines: Annotated[list[TolerantLine], Field(min_length=1, max_length=MAX_LINES)]


class BoardAnswer(BaseModel):
    """The answer of the ideaboard task."""

    title: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=300)]
    angle: Annotated[list[TolerantLine], Field(min_length=1, max_length=MAX_LINES)]
    hooks: Annotated[list[TolerantLine], Field(min_length=1, max_length=MAX_LINES)]
    script: Annotated[list[TolerantLine], Field(max_length=MAX_LINES)] = []
    titles: Annotated[list[TolerantLine], Field(max_length=MAX_LINES)] = []
    hashtags: Annotated[list[TolerantLine], Field(max_length=MAX_LINES)] = []


def read(task: Task, text: str) -> tuple[str, tuple[Line, ...]]:
    """Title and lines of a complete answer; raises `BadAnswer` when no valid JSON object is in the text."""
    problem = "no JSON object found"
    for candidate in _candidates(text):
        try:
            value = from_json(candidate)
            answer = (BoardAnswer if task is Task.IDEABOARD else LinesAnswer).model_validate(_rooted(task, value))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            problem = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        except ValueError:
            continue
        else:
            lines = tuple(_lines(answer))
            if lines:
                return getattr(answer, "title", ""), lines
            problem = "every line is empty"
    raise BadAnswer(problem)


def growing(task: Task, text: str) -> tuple[Line, ...]:
    """The lines written so far in an unfinished answer; the last one may be incomplete, an unreadable text has none."""
    start = text.find("{")
    if start < 0:
        return ()
    try:
        value = from_json(text[start:], allow_partial="trailing-strings")
    except ValueError:
        return ()
    sections = SECTIONS if task is Task.IDEABOARD else ("lines",)
    found = []
    for section in sections:
        items = value.get(section) if isinstance(value, dict) else None
        found += [
            _loose(item, "" if section == "lines" else section)
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict) and isinstance(item.get("text"), str)
        ]
    return tuple(found[: MAX_LINES * len(sections)])


def schema(task: Task) -> dict[str, Any]:
    """The JSON Schema of the answer in the strict subset providers accept: every key required, no others."""
    line = {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "source": {"type": ["integer", "null"]},
            "quote": {"type": "string"},
        },
        "required": ["text", "source", "quote"],
        "additionalProperties": False,
    }
    lines = {"type": "array", "items": line}
    properties: dict[str, Any] = {"lines": lines}
    if task is Task.IDEABOARD:
        properties = {"title": {"type": "string"}, **dict.fromkeys(SECTIONS, lines)}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _candidates(text: str) -> Iterator[str]:
    yield text
    yield from FENCE.findall(text)
    start, end = text.find("{"), text.rfind("}")
    if 0 <= start < end:
        yield text[start : end + 1]
    start, end = text.find("["), text.rfind("]")
    if 0 <= start < end:
        yield text[start : end + 1]


def _rooted(task: Task, value: Any) -> Any:
    """Some models send the bare array of lines, or plain texts instead of line objects."""
    if task is Task.IDEABOARD:
        return value
    if isinstance(value, list):
        value = {"lines": value}
    if isinstance(value, dict) and isinstance(value.get("lines"), list):
        lines = [{"text": line} if isinstance(line, str) else line for line in value["lines"]]
        return {**value, "lines": lines[:MAX_LINES]}
    return value


def _lines(answer: LinesAnswer | BoardAnswer) -> Iterator[Line]:
    if isinstance(answer, LinesAnswer):
        groups = [("", answer.lines)]
    else:
        groups = [(section, getattr(answer, section)) for section in SECTIONS]
    for section, lines in groups:
        for line in lines:
            if line.text:
                yield Line(line.text, line.source, line.quote, section)


def _loose(item: dict[str, Any], section: str) -> Line:
    source, quote = _number(item.get("source")), item.get("quote")
    return Line(
        text=CONTROL.sub("", item["text"]).lstrip()[:TEXT_CHARS],
        source=source if isinstance(source, int) else None,
        quote=_clean(quote)[:QUOTE_CHARS] if isinstance(quote, str) else "",
        section=section,
    )
