"""Claims of the writer are believed only when the words stand in the source."""

import pytest

from ideaboards.grounding import ground, stands_in
from kapture.gateways.writing import Line, Source

SOURCE = Source(
    3, "tiktok", "The “three‑second” rule", text="You lose them\n at  second three. 最初の三秒が全て", hashtags=("ai",)
)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("You lose them at second three", True),
        ("you LOSE them", True),
        ("'three-second' rule", False),
        ('"three-second" rule', True),
        ("second three.", True),
        ("#ai", True),
        ("AI", True),
        ("最初の三秒", True),
        ("lose the", False),
        ("se them at", False),
        ("them", False),
        ("", False),
        ("You always lose them", False),
        ("three second", False),
    ],
)
def test_a_quote_is_a_run_of_whole_words_of_the_source(quote: str, found: bool) -> None:
    assert stands_in(quote, SOURCE) is found


def test_a_line_names_its_trend_only_for_a_source_that_was_given() -> None:
    lines = (
        Line("a", 3, "You lose them"),
        Line("b", 3, "never said this"),
        Line("c", 9, "You lose them"),
        Line("d"),
    )

    found = ground(lines, (SOURCE,), {3: "trend-3"})

    assert [(line.n, line.trend, line.supported) for line in found] == [
        (3, "trend-3", True),
        (3, "trend-3", False),
        (None, None, False),
        (None, None, False),
    ]
