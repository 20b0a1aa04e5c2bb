"""The body as HTML: only the tags of the schema, only safe addresses, every word escaped."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given

from ideaboards.rendering import Reference, render
from ideaboards.richtext import normalise, safe_href
from kapture.core.errors import InvalidInput
from tests.ideaboards.trees import TRENDS, hostile

ALLOWED = {
    **{
        tag: set[str]() for tag in ("p", "h2", "h3", "ul", "li", "blockquote", "pre", "code", "strong", "em", "s", "br")
    },
    "hr": set(),
    "ol": {"start"},
    "a": {"href", "rel", "class", "title"},
    "span": {"class"},
}
REFERENCES = {TRENDS[1]: Reference(1, 'He said "x" <b>', "/trends/1/")}


class Inspector(HTMLParser):
    """Collects words and asserts that each tag is allowed and closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= ALLOWED[tag]
        for name, value in attrs:
            assert name != "href" or value == "/trends/1/" or safe_href(value)
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def said(node: Any) -> str:
    return str(node.get("text", "")) + "".join(said(child) for child in node.get("content", ()))


@given(hostile)
def test_no_tree_can_write_other_html(value: Any) -> None:
    try:
        tree = normalise(value)
    except InvalidInput:
        return
    inspector = Inspector()

    inspector.feed(render(tree, {}))
    inspector.close()

    assert not inspector.open
    # Unknown citations show a question mark.
    cited = str(tree).count("'citation'")
    assert len(inspector.words) == len(said(tree)) + cited


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ([{"type": "paragraph"}], "<p><br></p>"),
        (
            [{"type": "paragraph", "content": [{"type": "text", "text": "<script>&"}]}],
            "<p>&lt;script&gt;&amp;</p>",
        ),
        (
            [{"type": "text", "text": "a", "marks": [{"type": "italic"}, {"type": "bold"}]}],
            "<p><strong><em>a</em></strong></p>",
        ),
        (
            [{"type": "text", "text": "a", "marks": [{"type": "link", "attrs": {"href": 'https://e.org/?"><x'}}]}],
            '<p><a href="https://e.org/?&quot;&gt;&lt;x" rel="nofollow noopener noreferrer">a</a></p>',
        ),
        (
            [{"type": "citation", "attrs": {"trend": TRENDS[1]}}],
            '<p><a class="cite" href="/trends/1/" title="He said &quot;x&quot; &lt;b&gt;">1</a></p>',
        ),
        ([{"type": "citation", "attrs": {"trend": TRENDS[2]}}], '<p><span class="cite">?</span></p>'),
        (
            [{"type": "orderedList", "attrs": {"start": 3}, "content": [{"type": "listItem"}]}],
            '<ol start="3"><li><p><br></p></li></ol>',
        ),
    ],
)
def test_each_node_has_its_html(content: list[Any], html: str) -> None:
    assert render(normalise({"type": "doc", "content": content}), REFERENCES) == html
