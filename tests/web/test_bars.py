"""Stacked bars tell the truth about their values."""

from hypothesis import given
from hypothesis import strategies as st

from kapture.web.bars import BarChart
from kapture.web.charts import HEIGHT, WIDTH, Series

counts = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)


def chart(*lines: list[int], running: bool = False) -> BarChart:
    labels = [f"{index}" for index in range(len(lines[0]))]
    return BarChart("Units", labels, [Series(f"{index}", line, "violet") for index, line in enumerate(lines)],
                    running=running)  # fmt: skip


@given(counts, st.integers(0, 10**6))
def test_a_column_is_as_high_as_its_values_and_stays_in_the_drawing(values: list[int], more: int) -> None:
    drawn = chart(values, [more] * len(values))
    top = drawn.scale[-1]
    assert top >= max(drawn.totals)
    for column, total in zip(drawn.columns, drawn.totals, strict=True):
        assert float(column.x) >= 0
        assert float(column.x) + float(column.width) <= WIDTH + 0.1
        assert abs(sum(float(part.height) for part in column.parts) - HEIGHT * total / top) < 0.05
        assert all(0 <= float(part.y) <= HEIGHT for part in column.parts)


@given(counts)
def test_labels_stand_under_the_middle_of_few_columns_and_of_the_last(values: list[int]) -> None:
    ticks = chart(values).x_ticks
    assert 1 <= len(ticks) <= 8
    assert ticks[-1] == (f"{100 * (len(values) - 0.5) / len(values):.2f}%", f"{len(values) - 1}")


def test_nothing_to_draw_draws_a_base_line_alone() -> None:
    assert chart([0, 0]).scale == [0.0, 1.0]
    assert [column.parts for column in chart([0, 0]).columns] == [[], []]
    assert BarChart("Units", [], []).columns == []
    assert BarChart("Units", [], []).x_ticks == []


def test_counts_have_no_halves_on_their_axis() -> None:
    assert chart([1]).y_labels == ["1", "0"]
    assert chart([7]).y_labels == ["9", "6", "3", "0"]


def test_a_month_that_is_not_over_is_said_to_be_so_far() -> None:
    running = chart([1, 2], running=True)
    assert [column.running for column in running.columns] == [False, True]
    assert running.rows == [("0", ["1"]), ("1, so far", ["2"])]
