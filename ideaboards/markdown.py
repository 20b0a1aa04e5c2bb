"""The body as Markdown and back, for readers without JavaScript and for text a model wrote.

A citation is written `[^2]`, with the number of its source on the board. What Markdown cannot express (an empty
paragraph, emphasis around a space) is left out; the words always survive.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from ideaboards import richtext
from ideaboards.richtext import Node

CITATION = re.compile(r"\[\^(\d{1,3})\]")
SPECIAL = re.compile(r"([\\`*_\[\]<~]|&(?=[#\w]))")
# What starts a block when it stands first in a line: a list, a heading, a quote, the line under a heading.
LEADING = re.compile(r"^([-+=#>])|^(\d{1,9})(?=[.)])", re.MULTILINE)
CLOSING = re.compile(r"((?<!\\)#+)$")
# Empty lists inside each other would read "- - -", which is no list but a rule.
RULE = re.compile(r"(?:-[ \t]*){3,}")
EDGES = re.compile(r"^[^\S\n]+|[^\S\n]+$", re.MULTILINE)
WRAPPED = {"link": "", "bold": "**", "italic": "*", "strike": "~~"}
OPENED = {
    "paragraph": "paragraph",
    "heading": "heading",
    "bullet_list": "bulletList",
    "ordered_list": "orderedList",
    "list_item": "listItem",
    "blockquote": "blockquote",
}
MARKED = {"strong": "bold", "em": "italic", "s": "strike", "link": "link"}


def _cite(state: StateInline, silent: bool) -> bool:
    """An inline rule for `[^2]`, so that an escaped bracket stays a bracket."""
    found = CITATION.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        state.push("citation", "", 0).meta = {"n": int(found[1])}
    state.pos = found.end()
    return True


class _Parser(MarkdownIt):
    """CommonMark that leaves addresses as they are written; `richtext.safe_href` decides about them."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the library's name
        return url


def _parser() -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False}).enable("strikethrough")
    parser.disable(["html_block", "html_inline", "image", "reference"])
    parser.inline.ruler.before("link", "citation", _cite)
    return parser


PARSER = _parser()


def parse(markdown: str, trends: Mapping[int, str]) -> Node:
    """The tree of a Markdown text; `trends` maps a source's number to its trend id. Raises `InvalidInput`."""
    if len(markdown) > 2 * richtext.MAX_CHARS:
        raise richtext.too_large()
    root: Node = {"type": "doc", "content": []}
    path = [root]
    for token in PARSER.parse(markdown):
        kind = OPENED.get(token.type.rpartition("_")[0])
        if token.type == "inline":
            path[-1]["content"] += _inlines(token.children or [], trends)
        elif token.nesting == 1 and kind:
            node: Node = {"type": kind, "content": [], "attrs": _attrs(token)}
            path[-1]["content"].append(node)
            path.append(node)
        elif token.nesting == -1 and kind:
            path.pop()
        elif token.type in ("fence", "code_block"):
            text = {"type": "text", "text": token.content.removesuffix("\n")}
            attrs = {"language": token.info.strip()}
            path[-1]["content"].append({"type": "codeBlock", "attrs": attrs, "content": [text]})
        elif token.type == "hr":
            path[-1]["content"].append({"type": "horizontalRule"})
    return richtext.normalise(root)


def write(tree: Node, numbers: Mapping[str, int]) -> str:
    """Markdown of a canonical tree; `numbers` maps a trend id to its source's number, other citations are left out."""
    return "\n\n".join(_blocks(tree.get("content", []), numbers))


def _attrs(token: Token) -> Node:
    if token.type == "heading_open":
        return {"level": 2 if token.tag in ("h1", "h2") else 3}
    return {"start": token.attrGet("start")} if token.type == "ordered_list_open" else {}


def _inlines(tokens: list[Token], trends: Mapping[int, str]) -> Iterator[Node]:
    marks: list[Node] = []
    for token in tokens:
        match token.type:
            case "text":
                yield {"type": "text", "text": token.content, "marks": [*marks]}
            case "code_inline":
                yield {"type": "text", "text": token.content, "marks": [*marks, {"type": "code"}]}
            case "softbreak":
                yield {"type": "text", "text": " ", "marks": [*marks]}
            case "hardbreak":
                yield {"type": "hardBreak"}
            case "citation" if token.meta["n"] in trends:
                yield {"type": "citation", "attrs": {"trend": trends[token.meta["n"]]}}
            case "citation":
                yield {"type": "text", "text": f"[^{token.meta['n']}]", "marks": [*marks]}
            case _ if token.nesting == 1:
                marks.append({"type": MARKED[token.type.removesuffix("_open")], "attrs": dict(token.attrs)})
            case _ if token.nesting == -1:
                marks.pop()


def _blocks(nodes: list[Node], numbers: Mapping[str, int]) -> Iterator[str]:
    """The blocks one by one; neighbouring lists of one kind take turns in their marker, or they would run together."""
    turn, before = 0, ""
    for node in nodes:
        turn = 1 - turn if before == node["type"] else 0
        text = _block(node, numbers, turn)
        if text:
            before = node["type"]
            yield text


def _block(node: Node, numbers: Mapping[str, int], turn: int) -> str:
    content: list[Node] = node.get("content", [])
    match node["type"]:
        case "paragraph":
            return _inline(content, numbers)
        case "heading":
            words = _inline([_on_one_line(child) for child in content], numbers)
            return f"{'#' * node['attrs']['level']} {CLOSING.sub(_escaped, words)}" if words else ""
        case "codeBlock":
            return _fenced(richtext.text_of(node), node.get("attrs", {}).get("language", ""))
        case "blockquote":
            return _prefixed("\n\n".join(_blocks(content, numbers)), "> ", "> ")
        case "bulletList":
            items = ["\n\n".join(_blocks(item["content"], numbers)) for item in content]
            is_rule = any(RULE.fullmatch("- " + item.partition("\n")[0]) for item in items)
            marker = "*" if turn else "+" if is_rule else "-"
            return "\n".join(_prefixed(item, f"{marker} ", "  ") for item in items)
        case "orderedList":
            start, dot = node.get("attrs", {}).get("start", 1), ")" if turn else "."
            items = ["\n\n".join(_blocks(item["content"], numbers)) for item in content]
            heads = [f"{number}{dot} " for number in range(start, start + len(items))]
            return "\n".join(_prefixed(item, head, " " * len(head)) for item, head in zip(items, heads, strict=True))
    # Of the three ways to draw a rule, the one whose character is no list marker.
    return "___"


def _escaped(found: re.Match[str]) -> str:
    """A run of marks, each as itself."""
    return "".join(f"\\{mark}" for mark in found[1])


def _on_one_line(node: Node) -> Node:
    return {"type": "text", "text": " "} if node["type"] == "hardBreak" else node


def _prefixed(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        (first if number == 0 else rest if line else rest.rstrip()) + line for number, line in enumerate(lines)
    )


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _inline(nodes: list[Node], numbers: Mapping[str, int]) -> str:
    """Inline nodes as Markdown: with their marks if reading it gives the same marks, otherwise the words alone."""
    nodes = [node for node in nodes if node["type"] != "citation" or node["attrs"]["trend"] in numbers]
    while nodes and nodes[-1]["type"] == "hardBreak":
        nodes = nodes[:-1]
    written = _guarded(_marked(nodes, numbers, [*WRAPPED]))
    if not any("marks" in node for node in nodes):
        return written
    back = parse(written, {number: trend for trend, number in numbers.items()})
    if len(back["content"]) == 1 and _spelled(back["content"][0].get("content", [])) == _spelled(nodes):
        return written
    return _guarded(_marked([{**node, "marks": []} for node in nodes], numbers, []))


def _marked(nodes: list[Node], numbers: Mapping[str, int], kinds: list[str]) -> str:
    """Runs of one mark inside runs of the next, so that overlapping marks stay nested."""
    if not kinds:
        return "".join(_plain(node, numbers) for node in nodes)
    parts = []
    for mark, run in groupby(nodes, lambda node: _mark(node, kinds[0])):
        inner = _marked(list(run), numbers, kinds[1:])
        words = inner.strip()
        if mark is None or not words:
            parts.append(inner)
            continue
        # Emphasis must not begin or end with a space.
        before, after = inner[: inner.index(words)], inner[inner.index(words) + len(words) :]
        href = mark.get("attrs", {}).get("href")
        wrap = WRAPPED[kinds[0]]
        parts.append(f"{before}[{words}](<{href}>){after}" if href else f"{before}{wrap}{words}{wrap}{after}")
    return "".join(parts)


def _mark(node: Node, kind: str) -> Node | None:
    return next((mark for mark in node.get("marks", ()) if mark["type"] == kind), None)


def _plain(node: Node, numbers: Mapping[str, int]) -> str:
    match node["type"]:
        case "hardBreak":
            return "\\\n"
        case "citation":
            return f"[^{numbers[node['attrs']['trend']]}]"
    return _code(node["text"]) if _mark(node, "code") else SPECIAL.sub(r"\\\1", node["text"])


def _code(text: str) -> str:
    runs = {len(run) for run in re.findall(r"`+", text)}
    fence = "`" * next(size for size in range(1, len(runs) + 2) if size not in runs)
    padded = (
        text.startswith("`") or text.endswith("`") or (text.strip() and text.startswith(" ") and text.endswith(" "))
    )
    return f"{fence} {text} {fence}" if padded else f"{fence}{text}{fence}"


def _guarded(text: str) -> str:
    """Lines that neither start another block nor lose the spaces at their edges."""
    spaced = EDGES.sub(lambda found: "".join(f"&#{ord(space)};" for space in found[0]), text)
    return LEADING.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\", spaced)


def _spelled(nodes: list[Node]) -> list[object]:
    """What a reader sees: each character with its marks (a space without), each break and citation."""
    spelled: list[object] = []
    for node in nodes:
        if node["type"] != "text":
            spelled.append(node)
            continue
        marks = node.get("marks")
        spelled += [(character, None if character.isspace() else marks) for character in node["text"]]
    return spelled
