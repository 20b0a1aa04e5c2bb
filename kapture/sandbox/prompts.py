"""What a chat request asks for: named lines of the user message, and blocks of material that are never orders."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_FIELD = re.compile(r"^(Task|Topic|Count|Tone):[ \t]*(.+)$")
MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Source:
    """One captured post, with its number in the prompt."""

    n: int
    platform: str
    title: str
    author: str
    text: str
    multiple: float | None
    hashtags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """One order; `avoid` is text that already exists and should not be written again, `count` 0 when none was named."""

    task: str
    topic: str
    count: int
    tone: str
    sources: tuple[Source, ...]
    avoid: str


def ask_of(messages: Sequence[Mapping[str, Any]]) -> Ask:
    """The order inside a conversation: the first user message with named lines, else the last one as a topic."""
    texts = [text_of(message) for message in messages if message.get("role") == "user"]
    text = next((text for text in texts if "Task:" in text or "<sources>" in text), texts[-1] if texts else "")
    blocks, outside = _blocks(text)
    fields: dict[str, str] = {}
    for line in outside:
        found = _FIELD.match(line)
        if found:
            fields.setdefault(found[1], found[2].strip())
    count = fields.get("Count", "")
    return Ask(
        task=fields.get("Task", "").lower(),
        topic=fields.get("Topic") or ("" if fields else " ".join(outside)[:300].strip()),
        count=min(int(count), MOST_LINES) if count.isdigit() else 0,
        tone=fields.get("Tone", ""),
        sources=_sources(blocks.get("sources", "")),
        avoid=blocks.get("board", ""),
    )


def text_of(message: Mapping[str, Any]) -> str:
    """The text of one message, also when it comes as a list of parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))


def _blocks(text: str) -> tuple[dict[str, str], list[str]]:
    """The material between `<name>` and `</name>` lines, and every line outside of it."""
    blocks: dict[str, list[str]] = {}
    outside: list[str] = []
    inside = ""
    for line in text.splitlines():
        mark = re.fullmatch(r"<(/?)(sources|board)>", line.strip())
        if mark and not mark[1] and not inside:
            inside = mark[2]
        elif mark and mark[1] and mark[2] == inside:
            inside = ""
        elif inside:
            blocks.setdefault(inside, []).append(line)
        else:
            outside.append(line)
    return {name: "\n".join(lines) for name, lines in blocks.items()}, outside


def _sources(text: str) -> tuple[Source, ...]:
    try:
        values = json.loads(text)
    except ValueError:
        return ()
    rows = values if isinstance(values, list) else []
    return tuple(_source(row, place) for place, row in enumerate(rows, 1) if isinstance(row, Mapping))


def _source(row: Mapping[str, Any], place: int) -> Source:
    number, multiple, tags = row.get("n"), row.get("multiple"), row.get("hashtags")
    return Source(
        n=number if isinstance(number, int) else place,
        platform=str(row.get("platform") or ""),
        title=str(row.get("title") or ""),
        author=str(row.get("author") or ""),
        text=str(row.get("text") or ""),
        multiple=float(multiple) if isinstance(multiple, (int, float)) else None,
        hashtags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
    )
