"""The body's canonical form: whatever is sent, only known nodes with safe addresses are kept."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from ideaboards import richtext
from ideaboards.richtext import Node, normalise, safe_href, text_of
from kapture.core.errors import InvalidInput
from tests.ideaboards.trees import TRENDS, documents, hostile


def doc(*content: Any) -> Node:
    return {"type": "doc", "content": list(content)}


def paragraph(*content: Any) -> Node:
    return {"type": "paragraph", "content": list(content)}


def words(text: str, *marks: Any) -> Node:
    return {"type": "text", "text": text, **({"marks": list(marks)} if marks else {})}


def accepted(value: Any) -> Node | None:
    try:
        return normalise(value)
    except InvalidInput:
        return None


BLOCK = {"paragraph", "heading", "bulletList", "orderedList", "blockquote", "codeBlock", "horizontalRule"}
INLINE = {"text", "hardBreak", "citation"}
INSIDE: dict[str, set[str]] = {
    "doc": BLOCK,
    "blockquote": BLOCK,
    "listItem": BLOCK,
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "paragraph": INLINE,
    "heading": INLINE,
    "codeBlock": {"text"},
}


def check(node: Node, parent: str = "") -> None:
    """The schema of the editor in the page, restated."""
    kind, content = node["type"], node.get("content", [])
    assert {child["type"] for child in content} <= INSIDE.get(kind, set())
    assert content or kind in {"paragraph", "heading", "codeBlock", *INLINE, "horizontalRule"}
    assert kind != "listItem" or content[0]["type"] == "paragraph"
    assert kind != "citation" or set(node["attrs"]) == {"trend"}
    if kind == "text":
        check_text(node, parent)
    for left, right in pairwise(content):
        assert not (left["type"] == right["type"] == "text" and left.get("marks") == right.get("marks"))
    for child in content:
        check(child, kind)


def check_text(node: Node, parent: str) -> None:
    assert node["text"]
    assert "marks" not in node or (node["marks"] and parent != "codeBlock")
    assert parent == "codeBlock" or "\n" not in node["text"]
    for mark in node.get("marks", ()):
        assert mark["type"] in richtext.MARKS
        if mark["type"] == "link":
            assert mark["attrs"] == {"href": safe_href(mark["attrs"]["href"])}


@given(hostile)
def test_whatever_is_kept_fits_the_schema_and_stays_as_it_is(value: Any) -> None:
    tree = accepted(value)
    if tree is None:
        return
    check(tree)
    assert normalise(tree) == tree
    assert json.loads(json.dumps(tree).encode()) == tree
    assert "\x00" not in text_of(tree)


@given(documents)
def test_a_valid_document_keeps_its_words(value: Any) -> None:
    def said(node: Any) -> str:
        return str(node.get("text", "")) + "".join(said(child) for child in node.get("content", ()))

    tree = normalise(value)

    check(tree)
    assert said(tree).replace("\n", "") == said(value).replace("\n", "")


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "text",
        {"type": "paragraph"},
        doc("text"),
        doc({"content": []}),
        doc({"type": "text", "text": 5}),
        doc({"type": "paragraph", "content": "text"}),
        doc({"type": "paragraph", "content": 5}),
        doc(words("x" * (richtext.MAX_CHARS + 1))),
        doc(*[paragraph(words("x"))] * richtext.MAX_NODES),
        doc(words("\n" * richtext.MAX_NODES)),
    ],
)
def test_what_is_no_document_or_too_large_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        normalise(value)
    assert list(caught.value.details) == ["body"]


@pytest.mark.parametrize("kind", ["blockquote", "bulletList", "div"])
def test_deep_nesting_is_refused_or_flattened_without_running_out_of_stack(kind: str) -> None:
    value: Node = paragraph(words("deep"))
    for _ in range(600):
        value = {"type": kind, "content": [value]}

    assert accepted(doc(value)) is None


def test_nesting_up_to_the_limit_is_kept() -> None:
    value: Node = paragraph(words("deep"))
    for _ in range(richtext.MAX_DEPTH - 2):
        value = {"type": "blockquote", "content": [value]}

    assert normalise(doc(value)) == doc(value)


def test_unknown_nodes_give_way_to_their_words() -> None:
    value = doc(
        {"type": "callout", "attrs": {"onclick": "alert(1)"}, "content": [paragraph(words("kept"))]},
        {"type": "image", "attrs": {"src": "https://example.org/beacon.gif"}},
        words("loose", {"type": "underline"}),
    )

    assert normalise(value) == doc(paragraph(words("kept")), paragraph(words("loose")))


def test_attributes_nobody_asked_for_are_dropped() -> None:
    link = {"type": "link", "attrs": {"href": "https://example.org", "target": "_blank", "onclick": "x", "class": "y"}}
    value = doc({"type": "heading", "attrs": {"level": 1, "style": "x", "id": "y"}, "content": [words("a", link)]})

    kept = {"type": "link", "attrs": {"href": "https://example.org"}}
    assert normalise(value) == doc({"type": "heading", "attrs": {"level": 2}, "content": [words("a", kept)]})


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org",
        "/local",
        "https:",
        "https:///path",
        "http:\\\\example.org",
        "mailto:",
        "https://[::1",
        "https://example.org/a b",
        "https://" + "a" * 2_000,
        None,
        5,
        ["https://example.org"],
    ],
)
def test_an_unsafe_address_is_no_link(href: Any) -> None:
    value = doc(paragraph(words("a", {"type": "link", "attrs": {"href": href}})))

    assert normalise(value) == doc(paragraph(words("a")))


def test_citations_hold_a_trend_id_and_nothing_else() -> None:
    value = doc(
        paragraph(
            {"type": "citation", "attrs": {"trend": TRENDS[1].upper(), "label": "<b>"}},
            {"type": "citation", "attrs": {"trend": "../../etc"}},
        )
    )

    tree = normalise(value)

    assert tree == doc(paragraph({"type": "citation", "attrs": {"trend": TRENDS[1]}}))
    assert list(richtext.citations(tree)) == [TRENDS[1]]


def test_text_is_one_block_a_line() -> None:
    item = {"type": "listItem", "content": [paragraph(words("one"), {"type": "hardBreak"}, words("more"))]}
    value = doc(paragraph(words("a", {"type": "bold"}), words("b")), {"type": "bulletList", "content": [item]})

    assert text_of(normalise(value)) == "ab\none\nmore"
