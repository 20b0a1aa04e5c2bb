"""Geometry of the plots: lines that never overshoot their points, axes with round numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from django.utils.text import slugify

from kapture.web.formats import compact

WIDTH, HEIGHT = 1000.0, 100.0
TICKS = 8
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Series:
    """One line: `values` in the order of the chart's labels, `hue` a platform or one of the board colours."""

    name: str
    values: Sequence[float]
    hue: str = "accent"
    total: float | None = None

    @property
    def figure(self) -> str:
        """What the legend prints: the given total, else the sum of the values."""
        return compact(sum(self.values) if self.total is None else self.total)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: `at` is its place among the labels, from 0, between two of them if need be."""

    words: str
    at: float
    hue: str = "accent"


@dataclass(frozen=True)
class LineChart:
    """Lines over common labels; `unit` is the noun of the values ("views"), `head` what a label is, for the table.

    `running` says that the time of the last label is not over: its part is dashed, and read out as a value so far.
    """

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    key: str = field(default="")
    running: bool = False
    head: str = "Day"
    marks: Sequence[Mark] = ()

    @cached_property
    def uid(self) -> str:
        """Prefix of the ids inside the drawing, unique on a page as long as titles or keys differ."""
        return f"chart-{self.key or slugify(self.title)}"

    @cached_property
    def scale(self) -> list[float]:
        """Round axis values from zero to at least the highest point."""
        return axis(max((value for line in self.series for value in line.values), default=0.0))

    @cached_property
    def y_labels(self) -> list[str]:
        """Axis texts from the top down."""
        return [compact(value) for value in reversed(self.scale)]

    @cached_property
    def x_ticks(self) -> list[tuple[str, str]]:
        """(position in percent, text) of at most eight labels."""
        count = len(self.labels)
        if count < 2:
            return [("0%", text) for text in self.labels]
        step = math.ceil(count / TICKS)
        return [(f"{100 * index / (count - 1):.2f}%", self.labels[index]) for index in range(0, count, step)]

    @cached_property
    def posts(self) -> list[tuple[str, str, str]]:
        """(place in drawing units, words, hue) of each mark."""
        last = max(len(self.labels) - 1, 1)
        return [(f"{WIDTH * min(max(mark.at / last, 0), 1):.1f}", mark.words, mark.hue) for mark in self.marks]

    @cached_property
    def grid(self) -> list[str]:
        """Heights of the grid lines in drawing units."""
        top = self.scale[-1]
        return [f"{HEIGHT * (1 - value / top):.2f}" for value in self.scale]

    @cached_property
    def lines(self) -> list["Drawn"]:
        """Each series with its paths."""
        return [
            Drawn(line, self.scale[-1], f"{self.uid}-{index}", running=self.running)
            for index, line in enumerate(self.series)
        ]

    @cached_property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The same data as a table: one row per label."""
        last = len(self.labels) - 1
        return [
            (
                f"{label}, so far" if self.running and index == last else label,
                [f"{line.values[index]:,.0f}" if index < len(line.values) else "" for line in self.series],
            )
            for index, label in enumerate(self.labels)
        ]


class Drawn:
    """One series turned into SVG path data; `tail` is its last part where that is still running, `path` the rest."""

    def __init__(self, series: Series, top: float, uid: str, *, running: bool = False) -> None:
        self.series = series
        self.uid = uid
        points = place(series.values, top)
        whole = curve(points)
        self.path, self.tail = whole, ""
        if running and len(points) > 1:
            self.path, _, last = whole.rpartition("C")
            self.tail = f"M{points[-2][0]:.1f} {points[-2][1]:.2f}C{last}"
        self.area = f"{whole}L{points[-1][0]:.1f} {HEIGHT:g}L{points[0][0]:.1f} {HEIGHT:g}Z" if points else ""
        self.end = f"M{points[-1][0]:.1f} {points[-1][1]:.2f}h0" if points else ""


def axis(highest: float, wanted: int = 3) -> list[float]:
    """Evenly spaced round values from 0 past `highest` (Heckbert, "Nice numbers for graph labels", 1990)."""
    if not math.isfinite(highest) or highest <= 0:
        return [0.0, 1.0]
    raw = highest / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999999)
    return [step * index for index in range(math.ceil(highest / step * 0.999999) + 1)]


def place(values: Sequence[float], top: float, width: float = WIDTH, height: float = HEIGHT) -> list[Point]:
    """Points of `values` spread over the width, zero at the bottom, `top` at the top."""
    last = max(len(values) - 1, 1)
    return [(width * index / last, height * (1 - min(value / top, 1.0))) for index, value in enumerate(values)]


def _slopes(points: Sequence[Point]) -> list[float]:
    """Tangents of a monotone cubic through the points (Fritsch and Carlson, 1980)."""
    rise = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points)]
    tangents = [rise[0]]
    tangents += [0.0 if before * after <= 0 else (before + after) / 2 for before, after in pairwise(rise)]
    tangents.append(rise[-1])
    for index, slope in enumerate(rise):
        if slope == 0:
            tangents[index] = tangents[index + 1] = 0.0
            continue
        length = math.hypot(tangents[index] / slope, tangents[index + 1] / slope)
        if length > 3:
            tangents[index] *= 3 / length
            tangents[index + 1] *= 3 / length
    return tangents


def curve(points: Sequence[Point]) -> str:
    """SVG path through the points that stays between neighbours; empty for no point."""
    if not points:
        return ""
    start = f"M{points[0][0]:.1f} {points[0][1]:.2f}"
    if len(points) == 1:
        return f"{start}h0"
    slopes = _slopes(points)
    parts = [start]
    for index, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        third = (x1 - x0) / 3
        parts.append(
            f"C{x0 + third:.1f} {y0 + third * slopes[index]:.2f} "
            f"{x1 - third:.1f} {y1 - third * slopes[index + 1]:.2f} {x1:.1f} {y1:.2f}"
        )
    return "".join(parts)


def spark_paths(values: Sequence[float], width: float = 100.0, height: float = 28.0) -> tuple[str, str]:
    """(line, area) of a small plot between the lowest and the highest value; empty for fewer than two values."""
    if len(values) < 2:
        return "", ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    flat = high == low
    inner = height - 3
    points = [
        (width * index / (len(values) - 1), height / 2 if flat else 1.5 + inner * (1 - (value - low) / span))
        for index, value in enumerate(values)
    ]
    line = curve(points)
    return line, f"{line}L{width:g} {height:g}L0 {height:g}Z"
