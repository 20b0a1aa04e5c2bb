"""Geometry of stacked bars: one column for each label, one part for each series."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.text import slugify

from kapture.web.charts import HEIGHT, TICKS, WIDTH, Series, axis
from kapture.web.formats import compact

# The share of its place that a column fills, and its widest (in drawing units), so that few bars are no walls.
FILL, WIDEST = 0.66, 46.0


@dataclass(frozen=True, slots=True)
class Part:
    """One coloured piece of a column, in drawing units from the top."""

    hue: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Column:
    """What was counted for one label; `running` ones may still grow."""

    x: str
    width: str
    parts: Sequence[Part]
    running: bool


@dataclass(frozen=True)
class BarChart:
    """Stacked bars over common labels; `unit` is the noun of the values, `head` what a label is (Day, Month).

    `running` says that the time of the last label is not over: its bar is paler, and read out as a value so far.
    """

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    head: str = "Day"
    key: str = field(default="")
    running: bool = False

    @cached_property
    def uid(self) -> str:
        """Prefix of the ids inside the drawing, unique on a page as long as titles or keys differ."""
        return f"bars-{self.key or slugify(self.title)}"

    @cached_property
    def totals(self) -> list[float]:
        """Height of each column, in values."""
        return [sum(line.values[index] for line in self.series) for index in range(len(self.labels))]

    @cached_property
    def scale(self) -> list[float]:
        """Round axis values from zero to at least the highest column; whole ones, since counts are whole."""
        highest = max(self.totals, default=0.0)
        step = math.ceil(axis(highest)[1])
        return [float(step * index) for index in range(max(2, math.ceil(highest / step) + 1))]

    @cached_property
    def y_labels(self) -> list[str]:
        """Axis texts from the top down."""
        return [compact(value) for value in reversed(self.scale)]

    @cached_property
    def grid(self) -> list[str]:
        """Heights of the grid lines in drawing units."""
        return [f"{HEIGHT * (1 - value / self.scale[-1]):.2f}" for value in self.scale]

    @cached_property
    def x_ticks(self) -> list[tuple[str, str]]:
        """(position in percent, text) under the middles of at most eight columns, the last one among them."""
        count = len(self.labels)
        step = -(-count // TICKS)
        shown = range((count - 1) % step if step else 0, count, step or 1)
        return [(f"{100 * (index + 0.5) / count:.2f}%", self.labels[index]) for index in shown]

    @cached_property
    def columns(self) -> list[Column]:
        """Each label's bar; a value of nothing has no part."""
        place = WIDTH / max(len(self.labels), 1)
        width = min(place * FILL, WIDEST)
        last = len(self.labels) - 1
        return [
            Column(
                f"{place * (index + 0.5) - width / 2:.1f}",
                f"{width:.1f}",
                self._parts(index),
                self.running and index == last,
            )
            for index in range(len(self.labels))
        ]

    def _parts(self, index: int) -> list[Part]:
        parts, level = [], 0.0
        for line in self.series:
            value = line.values[index]
            if value:
                level += value
                y, height = HEIGHT * (1 - level / self.scale[-1]), HEIGHT * value / self.scale[-1]
                parts.append(Part(line.hue, f"{y:.2f}", f"{height:.2f}"))
        return parts

    @cached_property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The same data as a table: one row per label."""
        last = len(self.labels) - 1
        return [
            (
                f"{label}, so far" if self.running and index == last else label,
                [f"{line.values[index]:,.0f}" for line in self.series],
            )
            for index, label in enumerate(self.labels)
        ]
