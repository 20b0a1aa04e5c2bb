"""The body of a board: a JSON tree with few kinds of nodes, brought into one canonical form before it is stored.

The kinds are those of the editor in the page (a subset of the ProseMirror schema) and one of our own, the inline node
`citation` whose attribute `trend` holds the id of a captured post.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

from kapture.core.errors import InvalidInput

Node: TypeAlias = dict[str, Any]

MAX_DEPTH = 12
MAX_NODES = 5_000
MAX_CHARS = 100_000
# What comes in may be deeper and larger than what is kept, since unknown wrappers are taken off.
MAX_DEPTH_IN = 40
MAX_NODES_IN = 20_000
MAX_HREF = 2_000

INLINES = frozenset({"text", "hardBreak", "citation"})
MARKS = ("link", "bold", "italic", "strike", "code")
SCHEMES = frozenset({"http", "https", "mailto"})
NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
LANGUAGE = re.compile(r"[A-Za-z0-9+#._-]{1,30}")


def empty() -> Node:
    """A body without text."""
    return {"type": "doc", "content": [{"type": "paragraph"}]}


def normalise(value: object) -> Node:
    """The canonical form of a tree; raises `InvalidInput` when it is none or too large.

    Unknown nodes give way to their content, unknown marks and attributes and unsafe links are dropped, neighbouring
    texts with the same marks are joined. Normalising twice changes nothing.
    """
    if not isinstance(value, Mapping) or value.get("type") != "doc":
        raise _invalid("This is not a document.")
    tree: Node = {"type": "doc", "content": _blocks(_Reader().children(value, 0))}
    _check_size(tree)
    return tree


def safe_href(value: object) -> str | None:
    """The address when a reader may follow it (http, https or mailto), otherwise None."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_HREF or NOT_TEXT.search(value):
        return None
    href = value.strip()
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    if any(character.isspace() for character in href) or parts.scheme.lower() not in SCHEMES:
        return None
    return href if parts.netloc or (parts.scheme.lower() == "mailto" and parts.path) else None


def text_of(node: Node) -> str:
    """The words of a tree, one block a line, without citations."""
    if node["type"] == "text":
        return str(node["text"])
    if node["type"] == "hardBreak":
        return "\n"
    parts = [text_of(child) for child in node.get("content", ())]
    return ("" if _is_textblock(node) else "\n").join(part for part in parts if part)


def kept_text(tree: Node) -> str:
    """The words of a tree as they are kept beside it for search and excerpts.

    From each beginning of an HTML comment PostgreSQL reads on to the end: a full text of them takes longer than
    a save may.
    """
    return text_of(tree).replace("<!--", "<! --")


def citations(node: Node) -> Iterator[str]:
    """The trend ids cited in a tree, in order of appearance, repeats included."""
    if node["type"] == "citation":
        yield node["attrs"]["trend"]
    for child in node.get("content", ()):
        yield from citations(child)


class _Reader:
    """Takes children out of untrusted nodes while counting how much was seen."""

    def __init__(self) -> None:
        self.seen = 0

    def children(self, node: Mapping[Any, Any], depth: int) -> list[Node]:
        """The children in canonical form, block and inline mixed as they came."""
        items = node.get("content", [])
        if items is None:
            return []
        if not isinstance(items, Sequence) or isinstance(items, str) or depth > MAX_DEPTH_IN:
            raise _invalid("The document is nested too deeply or damaged.")
        self.seen += len(items)
        if self.seen > MAX_NODES_IN:
            raise _invalid("The document has too many parts.")
        return [found for item in items for found in self.read(item, depth + 1)]

    def read(self, value: object, depth: int) -> list[Node]:
        """One child in canonical form: nothing, itself, or what it contained."""
        if not isinstance(value, Mapping) or not isinstance(value.get("type"), str):
            raise _invalid("A part of the document has no type.")
        kind, attrs = value["type"], value.get("attrs")
        attrs = attrs if isinstance(attrs, Mapping) else {}
        match kind:
            case "text":
                return _texts(value)
            case "hardBreak" | "horizontalRule":
                return [{"type": kind}]
            case "citation":
                trend = _uuid(attrs.get("trend"))
                return [{"type": kind, "attrs": {"trend": trend}}] if trend else []
        return _shaped(kind, attrs, self.children(value, depth))


def _shaped(kind: str, attrs: Mapping[Any, Any], children: list[Node]) -> list[Node]:
    """A node of this kind around its children, or the children alone when the kind is not known."""
    match kind:
        case "paragraph" | "heading":
            head: Node = {"type": kind}
            if kind == "heading":
                level = attrs.get("level")
                head["attrs"] = {"level": 2 if level in (1, 2) and level is not True else 3}
            return [_with(head, _inlines(children))]
        case "codeBlock":
            return [_code_block(attrs, children)]
        case "bulletList" | "orderedList":
            return _list(kind, attrs, children)
        case "listItem":
            blocks = _blocks(children)
            if blocks[0]["type"] != "paragraph":
                blocks.insert(0, {"type": "paragraph"})
            return [{"type": kind, "content": blocks}]
        case "blockquote":
            return [{"type": kind, "content": _blocks(children)}] if children else []
    return children


def _blocks(nodes: list[Node]) -> list[Node]:
    """Blocks only: loose inline nodes are gathered into paragraphs and loose list items into lists; never empty."""
    found: list[Node] = []
    loose: Node | None = None
    for node in nodes:
        if node["type"] in INLINES or node["type"] == "listItem":
            wanted = "bulletList" if node["type"] == "listItem" else "paragraph"
            if loose is None or loose["type"] != wanted:
                loose = {"type": wanted, "content": []}
                found.append(loose)
            loose["content"].append(node)
        else:
            loose = None
            found.append(node)
    whole = [_with(node, _inlines(node["content"])) if _is_loose(node) else node for node in found]
    return whole or [{"type": "paragraph"}]


def _is_loose(node: Node) -> bool:
    return node["type"] == "paragraph" and "content" in node


def _inlines(nodes: list[Node]) -> list[Node]:
    """Inline nodes only: blocks give way to their words, neighbours with the same marks become one text."""
    found: list[Node] = []
    for node in nodes:
        for inline in _flat(node):
            last = found[-1] if found else None
            if last and inline["type"] == last["type"] == "text" and inline.get("marks") == last.get("marks"):
                found[-1] = {**last, "text": last["text"] + inline["text"]}
            else:
                found.append(inline)
    return found


def _flat(node: Node) -> Iterator[Node]:
    if node["type"] in INLINES:
        yield node
    for child in node.get("content", ()):
        yield from _flat(child)


def _texts(value: Mapping[Any, Any]) -> list[Node]:
    """A text node, split at its line ends."""
    text = value.get("text")
    if not isinstance(text, str):
        raise _invalid("A text in the document is no text.")
    marks = _marks(value.get("marks"))
    found: list[Node] = []
    for number, line in enumerate(NOT_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")):
        if number:
            found.append({"type": "hardBreak"})
        if line:
            found.append({"type": "text", "text": line, **({"marks": marks} if marks else {})})
    return found


def _marks(value: object) -> list[Node]:
    """Known marks, each once and in a fixed order; code stands alone, as it does in the editor."""
    found: dict[str, Node] = {}
    for mark in value if isinstance(value, Sequence) and not isinstance(value, str) else []:
        kind = mark.get("type") if isinstance(mark, Mapping) else None
        if kind == "link":
            attrs = mark.get("attrs")
            href = safe_href(attrs.get("href") if isinstance(attrs, Mapping) else None)
            if href:
                found[kind] = {"type": kind, "attrs": {"href": href}}
        elif isinstance(kind, str) and kind in MARKS:
            found[kind] = {"type": kind}
    return [found["code"]] if "code" in found else [found[kind] for kind in MARKS if kind in found]


def _code_block(attrs: Mapping[Any, Any], children: list[Node]) -> Node:
    lines = ["\n" if node["type"] == "hardBreak" else str(node.get("text", "")) for node in _inlines(children)]
    language = attrs.get("language")
    head: Node = {"type": "codeBlock"}
    if isinstance(language, str) and LANGUAGE.fullmatch(language):
        head["attrs"] = {"language": language}
    text = "".join(lines)
    return _with(head, [{"type": "text", "text": text}] if text else [])


def _list(kind: str, attrs: Mapping[Any, Any], children: list[Node]) -> list[Node]:
    """A list of items; neighbours that are no items become one together, an empty list becomes nothing."""
    items: list[Node] = []
    loose: list[Node] = []
    for child in [*children, {"type": "listItem"}]:
        if child["type"] != "listItem":
            loose.append(child)
            continue
        if loose:
            items += _shaped("listItem", {}, loose)
            loose = []
        items.append(child)
    del items[-1]
    if not items:
        return []
    head: Node = {"type": kind}
    start = attrs.get("start")
    if kind == "orderedList" and isinstance(start, int) and start is not True and 1 < start < 10_000:
        head["attrs"] = {"start": start}
    return [{**head, "content": items}]


def _with(head: Node, content: list[Node]) -> Node:
    bare = {key: value for key, value in head.items() if key != "content"}
    return {**bare, "content": content} if content else bare


def _is_textblock(node: Node) -> bool:
    return node["type"] in ("paragraph", "heading", "codeBlock")


def _uuid(value: object) -> str | None:
    try:
        return str(UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _check_size(tree: Node) -> None:
    nodes, chars, stack = 0, 0, [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        nodes, chars = nodes + 1, chars + len(node.get("text", ""))
        if depth > MAX_DEPTH:
            raise _invalid("The document is nested too deeply or damaged.")
        stack += [(child, depth + 1) for child in node.get("content", ())]
    if nodes > MAX_NODES or chars > MAX_CHARS:
        raise too_large()


def too_large() -> InvalidInput:
    """The refusal of a text beyond the limits."""
    return _invalid(f"The document is too large: at most {MAX_CHARS:,} characters in {MAX_NODES:,} parts.")


def _invalid(message: str) -> InvalidInput:
    return InvalidInput({"body": [message]})
