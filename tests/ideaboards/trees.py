"""Trees for property tests: canonical ones, and what an attacker or a careless program may send."""

from typing import Any

from hypothesis import strategies as st

TRENDS = {number: f"0197a000-0000-7000-8000-{number:012d}" for number in range(1, 5)}
NUMBERS = {trend: number for number, trend in TRENDS.items()}
# Mostly characters that mean something to Markdown or HTML, and some that mean something to Unicode.
ALPHABET = "ab 1.)-+=*_~`#>[]()!^&<\\|:\"'\t\u00a0é漢🎬\u202e\u2028"
words = st.text(st.sampled_from(ALPHABET), min_size=1, max_size=12)
hrefs = st.sampled_from(
    ["https://example.org/a_(b)*c", "http://ä.example/?q=[1]&b", "mailto:a@example.org", "https://example.org/%20\\x"]
)
marks = st.lists(
    st.one_of(
        st.sampled_from([{"type": kind} for kind in ("bold", "italic", "strike", "code")]),
        st.builds(lambda href: {"type": "link", "attrs": {"href": href}}, hrefs),
    ),
    max_size=3,
)
texts = st.builds(lambda text, found: {"type": "text", "text": text, "marks": found}, words, marks)
cited = st.sampled_from([{"type": "citation", "attrs": {"trend": trend}} for trend in TRENDS.values()])
inlines = st.lists(st.one_of(texts, texts, cited, st.just({"type": "hardBreak"})), max_size=6)
paragraphs = st.builds(lambda content: {"type": "paragraph", "content": content}, inlines)
headings = st.builds(
    lambda level, content: {"type": "heading", "attrs": {"level": level}, "content": content},
    st.sampled_from([2, 3]),
    inlines,
)
code_texts = st.text(st.sampled_from(ALPHABET + "\n"), min_size=1, max_size=30)
code = st.builds(lambda text: {"type": "codeBlock", "content": [{"type": "text", "text": text}]}, code_texts)
leaves = st.one_of(paragraphs, paragraphs, headings, code, st.just({"type": "horizontalRule"}))


def _nested(blocks: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(blocks, min_size=1, max_size=3)
    items = st.lists(
        st.builds(lambda content: {"type": "listItem", "content": content}, several), min_size=1, max_size=3
    )
    return st.one_of(
        st.builds(lambda content: {"type": "blockquote", "content": content}, several),
        st.builds(lambda content: {"type": "bulletList", "content": content}, items),
        st.builds(
            lambda start, content: {"type": "orderedList", "attrs": {"start": start}, "content": content},
            st.integers(1, 12),
            items,
        ),
    )


blocks = st.recursive(leaves, _nested, max_leaves=6)
documents = st.builds(lambda content: {"type": "doc", "content": content}, st.lists(blocks, max_size=5))

_scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), words)
_kinds = st.sampled_from(
    [
        "doc",
        "paragraph",
        "heading",
        "listItem",
        "bulletList",
        "orderedList",
        "blockquote",
        "codeBlock",
        "text",
        "script",
        "citation",
        "hardBreak",
        "image",
        "iframe",
        "table",
        "bold",
    ]
)
_keys = st.sampled_from(["type", "attrs", "content", "text", "marks", "href", "level", "start", "trend", "onclick"])
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(_keys, inner, max_size=4),
        st.builds(lambda kind, content: {"type": kind, "content": content}, _kinds, st.lists(inner, max_size=4)),
        st.builds(
            lambda kind, text, found: {"type": kind, "text": text, "marks": found}, _kinds, words, st.lists(inner)
        ),
    ),
    max_leaves=20,
)
hostile = st.builds(
    lambda content: {"type": "doc", "content": content},
    st.lists(st.one_of(_values, blocks, texts, cited), max_size=6),
)
