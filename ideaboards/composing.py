"""Written lines as parts of a board's body."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from ideaboards.models import Generation
from ideaboards.richtext import Node, normalise

HEADINGS = {"hooks": "Hooks", "script": "Script", "titles": "Titles", "hashtags": "Hashtags"}
SECTIONS = {
    Generation.Kind.HOOK: "hooks",
    Generation.Kind.TITLE: "titles",
    Generation.Kind.SCRIPT: "script",
    Generation.Kind.DESCRIPTION: "angle",
    Generation.Kind.HASHTAGS: "hashtags",
}
TIME = re.compile(r"\d{1,2}:\d{2}(?:\s?[-–]\s?\d{1,2}:\d{2})?")


def board_body(lines: Sequence[dict[str, Any]]) -> Node:
    """The first body of a drafted board: the angle, then each section under its heading."""
    content: list[Node] = []
    for section, group in groupby(lines, lambda line: str(line["section"])):
        if section in HEADINGS:
            words = {"type": "text", "text": HEADINGS[section]}
            content.append({"type": "heading", "attrs": {"level": 2}, "content": [words]})
        content += _blocks(section, list(group))
    return normalise({"type": "doc", "content": content})


def nodes(generation: Generation, lines: Sequence[dict[str, Any]]) -> list[Node]:
    """Some lines of a generation as blocks for a board's body."""
    section = SECTIONS.get(Generation.Kind(generation.kind), "angle")
    return list(normalise({"type": "doc", "content": _blocks(section, lines)})["content"])


def appended(body: Node, blocks: Sequence[Node]) -> Node:
    """The body with blocks at its end; an empty last paragraph gives way to them."""
    content = list(body["content"])
    if content and content[-1] == {"type": "paragraph"}:
        content.pop()
    return normalise({"type": "doc", "content": [*content, *blocks]})


def _blocks(section: str, lines: Sequence[dict[str, Any]]) -> list[Node]:
    if not lines:
        return []
    if section == "hashtags":
        return [_paragraph([{"type": "text", "text": " ".join(_hashtag(line["text"]) for line in lines)}])]
    paragraphs = [_paragraph(_words(line, timed=section == "script")) for line in lines]
    if section not in HEADINGS:
        return paragraphs
    items = [{"type": "listItem", "content": [paragraph]} for paragraph in paragraphs]
    return [{"type": "orderedList" if section == "script" else "bulletList", "content": items}]


def _words(line: dict[str, Any], *, timed: bool) -> list[Node]:
    """A line's text, the time of a script's beat in bold, and its citation when the source supports it."""
    text = line["text"]
    time = TIME.match(text) if timed else None
    found: list[Node] = []
    if time:
        found.append({"type": "text", "text": time[0], "marks": [{"type": "bold"}]})
        text = text[time.end() :]
    found.append({"type": "text", "text": text})
    if line["supported"] and line["trend"]:
        found += [{"type": "text", "text": " "}, {"type": "citation", "attrs": {"trend": line["trend"]}}]
    return found


def _paragraph(content: list[Node]) -> Node:
    return {"type": "paragraph", "content": content}


def _hashtag(text: str) -> str:
    """One hashtag without spaces and with its mark."""
    return "#" + "".join(text.split()).lstrip("#")
