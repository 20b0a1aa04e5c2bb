"""A board's body as HTML: each node and mark has one template here, everything else cannot be written."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ideaboards.richtext import Node, safe_href

BLOCKS = {
    "doc": "{}",
    "paragraph": "<p>{}</p>",
    "bulletList": "<ul>{}</ul>",
    "listItem": "<li>{}</li>",
    "blockquote": "<blockquote>{}</blockquote>",
    "codeBlock": "<pre><code>{}</code></pre>",
}
MARKS = {"bold": "<strong>{}</strong>", "italic": "<em>{}</em>", "strike": "<s>{}</s>", "code": "<code>{}</code>"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A source as citations show it: its number on the board, its title and where a reader finds it."""

    n: int
    title: str
    href: str


def render(node: Node, references: Mapping[str, Reference]) -> SafeString:
    """HTML of a canonical tree; `references` maps a trend id to its source, unknown citations show a question mark."""
    kind = node["type"]
    match kind:
        case "text":
            return _text(node)
        case "hardBreak":
            return format_html("<br>{}", "")
        case "horizontalRule":
            return format_html("<hr>{}", "")
        case "citation":
            return _citation(references.get(node["attrs"]["trend"]))
    inner = format_html_join("", "{}", ((render(child, references),) for child in node.get("content", ())))
    match kind:
        case "heading":
            return format_html("<h2>{}</h2>" if node["attrs"]["level"] == 2 else "<h3>{}</h3>", inner)
        case "orderedList" if "attrs" in node:
            return format_html('<ol start="{}">{}</ol>', node["attrs"]["start"], inner)
        case "orderedList":
            return format_html("<ol>{}</ol>", inner)
        case "paragraph" if not inner:
            # The editor puts a break into an empty paragraph; the same here keeps its height until the editor is there.
            return format_html("<p><br>{}</p>", "")
    return format_html(BLOCKS[kind], inner)


def _text(node: Node) -> SafeString:
    html = format_html("{}", node["text"])
    for mark in reversed(node.get("marks", ())):
        if mark["type"] == "link":
            href = safe_href(mark["attrs"]["href"])
            html = format_html('<a href="{}" rel="nofollow noopener noreferrer">{}</a>', href, html) if href else html
        else:
            html = format_html(MARKS[mark["type"]], html)
    return html


def _citation(reference: Reference | None) -> SafeString:
    if reference is None:
        return format_html('<span class="cite">{}</span>', "?")
    return format_html('<a class="cite" href="{}" title="{}">{}</a>', reference.href, reference.title, reference.n)
