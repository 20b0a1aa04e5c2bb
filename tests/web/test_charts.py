"""Plots tell the truth about their values."""

import re

from hypothesis import given
from hypothesis import strategies as st

from kapture.web.charts import LineChart, Series, axis, curve, place, spark_paths

counts = st.lists(st.integers(0, 10**12), min_size=2, max_size=60)


def _numbers(path: str) -> list[float]:
    return [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", path)]


@given(st.floats(min_value=0.001, max_value=1e15))
def test_an_axis_starts_at_zero_reaches_the_highest_point_and_has_few_steps(highest):
    scale = axis(highest)
    assert scale[0] == 0
    assert scale[-1] >= highest * 0.999999
    assert 2 <= len(scale) <= 5


@given(counts)
def test_a_line_stays_between_its_neighbouring_points(values):
    points = place(values, max([*values, 1]))
    parts = curve(points).split("C")[1:]
    for (_, before), (_, after), part in zip(points, points[1:], parts, strict=False):
        heights = _numbers(part)[1::2]
        assert min(before, after) - 0.02 <= min(heights)
        assert max(heights) <= max(before, after) + 0.02


def test_nothing_to_draw_draws_nothing():
    assert curve([]) == ""
    assert spark_paths([]) == ("", "")
    assert spark_paths([3]) == ("", "")
    assert axis(0) == [0.0, 1.0]
    assert axis(float("nan")) == [0.0, 1.0]


def test_a_flat_spark_lies_in_the_middle():
    line, _ = spark_paths([5, 5, 5])
    assert set(_numbers(line)[1::2]) == {14.0}


def test_the_table_has_every_value_and_the_legend_the_sum():
    chart = LineChart(
        "Views", ["1 Nov", "2 Nov"], [Series("X", [1_000, 2_500], "x"), Series("TikTok", [7], "tiktok", total=9)]
    )
    assert chart.rows == [("1 Nov", ["1,000", "7"]), ("2 Nov", ["2,500", ""])]
    assert [line.figure for line in chart.series] == ["3.5K", "9"]


def test_a_day_that_is_not_over_is_dashed_and_said_to_be_so_far():
    series = [Series("X", [4, 8, 2], "x")]
    over, running = (LineChart("Views", ["1 Nov", "2 Nov", "3 Nov"], series, running=state) for state in (False, True))
    assert [label for label, _ in running.rows] == ["1 Nov", "2 Nov", "3 Nov, so far"]
    assert [label for label, _ in over.rows][-1] == "3 Nov"
    (whole,), (line,) = over.lines, running.lines
    assert (whole.tail, line.area) == ("", whole.area)
    assert line.path.count("C") == 1
    assert line.path + line.tail[line.tail.index("C") :] == whole.path
    assert line.tail.startswith("M500.0 ")
    assert LineChart("Views", ["1 Nov"], [Series("X", [4], "x")], running=True).lines[0].path


def test_at_most_eight_labels_stand_under_a_chart():
    for count in range(70):
        chart = LineChart("t", [str(index) for index in range(count)], [])
        assert len(chart.x_ticks) <= 8
