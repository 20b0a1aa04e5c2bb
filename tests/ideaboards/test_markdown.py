"""Markdown both ways: the words always survive, and what a person or a model writes becomes the expected tree."""

from typing import Any

import pytest
from hypothesis import given

from ideaboards import markdown
from ideaboards.richtext import Node, normalise
from kapture.core.errors import InvalidInput
from tests.ideaboards.trees import NUMBERS, TRENDS, documents

HOLDERS = {"paragraph", "heading", "blockquote"}


def expressible(node: Node) -> Node:
    """A canonical tree without what Markdown has no words for: empty lines, breaks at an end or in a heading, marks."""
    kind = node["type"]
    content = [expressible(child) for child in node.get("content", ())]
    if kind == "text":
        return {"type": kind, "text": node["text"]}
    if kind == "heading":
        content = [{"type": "text", "text": " "} if child["type"] == "hardBreak" else child for child in content]
    if kind in ("paragraph", "heading"):
        content = list(normalise({"type": "doc", "content": content})["content"][0].get("content", ()))
    while content and content[-1]["type"] == "hardBreak":
        content.pop()
    kept = {key: value for key, value in node.items() if key != "content"}
    return {**kept, "content": [child for child in content if child["type"] not in HOLDERS or child["content"]]}


@given(documents)
def test_words_and_blocks_survive_the_way_through_markdown(value: Any) -> None:
    tree = normalise(value)

    back = markdown.parse(markdown.write(tree, NUMBERS), TRENDS)

    assert expressible(back) == expressible(tree)


@given(documents)
def test_a_second_way_through_changes_nothing(value: Any) -> None:
    once = markdown.parse(markdown.write(normalise(value), NUMBERS), TRENDS)

    assert markdown.parse(markdown.write(once, NUMBERS), TRENDS) == once


def test_empty_lists_inside_each_other_stay_lists() -> None:
    inner: Node = {"type": "paragraph"}
    for _ in range(4):
        inner = {"type": "bulletList", "content": [{"type": "listItem", "content": [inner]}]}
    tree = normalise({"type": "doc", "content": [inner, inner]})

    back = markdown.parse(markdown.write(tree, NUMBERS), TRENDS)

    assert [node["type"] for node in back["content"]] == ["bulletList", "bulletList"]
    assert markdown.write(back, NUMBERS) == markdown.write(tree, NUMBERS)


TEXT = """\
## Patterns worth stealing

- **Open on the result.** Show it [^1]
- *Borrow* a ~~number~~ `code`

1. First
2. Second

   - deeper

> If it works with the sound off, it works.

```python
a = "**"
```

___

[A link](<https://example.org/a>)\\
next line"""


def test_common_markdown_comes_back_as_it_was() -> None:
    assert markdown.write(markdown.parse(TEXT, TRENDS), NUMBERS) == TEXT


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("# One\n\n#### Four", [("heading", 2, "One"), ("heading", 3, "Four")]),
        ("<script>alert(1)</script>", [("paragraph", None, "<script>alert(1)</script>")]),
        ("[x](javascript:alert(1))", [("paragraph", None, "[x](javascript:alert(1))")]),
        ("[^9] stays", [("paragraph", None, "[^9] stays")]),
        (r"\[^1] stays", [("paragraph", None, "[^1] stays")]),
        ("soft\nbreak", [("paragraph", None, "soft break")]),
        ("&lt;b&gt;", [("paragraph", None, "<b>")]),
        ("", [("paragraph", None, "")]),
    ],
)
def test_text_becomes_blocks(text: str, content: list[tuple[str, int | None, str]]) -> None:
    tree = markdown.parse(text, TRENDS)

    found = [
        (
            node["type"],
            node.get("attrs", {}).get("level"),
            "".join(child.get("text", "") for child in node.get("content", ())),
        )
        for node in tree["content"]
    ]
    assert found == content


def test_an_image_is_not_loaded_but_linked() -> None:
    tree = markdown.parse("![beacon](https://example.org/x.gif)", TRENDS)

    kinds = [child["type"] for child in tree["content"][0]["content"]]
    assert kinds == ["text", "text"]


def test_a_text_beyond_the_limits_is_refused() -> None:
    with pytest.raises(InvalidInput):
        markdown.parse("word " * 50_000, TRENDS)


def test_citations_of_posts_that_are_no_sources_are_left_out() -> None:
    tree = markdown.parse("Cut it [^2]", TRENDS)

    assert markdown.write(tree, {}) == "Cut it&#32;"


@pytest.mark.parametrize("text", ["#", "##", "a #", "# b", "a#", "\\#", "a \\##"])
def test_a_heading_keeps_its_number_signs(text: str) -> None:
    heading = {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": text}]}
    tree = normalise({"type": "doc", "content": [heading]})

    assert markdown.parse(markdown.write(tree, NUMBERS), TRENDS) == tree
