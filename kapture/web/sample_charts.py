"""Sample plots of the styleguide."""

from datetime import timedelta

from django.utils import timezone

from kapture.web.bars import BarChart
from kapture.web.charts import LineChart, Series
from kapture.web.samples import wave


def views_chart() -> LineChart:
    """Thirty days of views by platform."""
    today = timezone.localdate()
    days = [today - timedelta(days=29 - index) for index in range(30)]
    return LineChart(
        title="Captured views by platform",
        labels=[f"{day.day} {day:%b}" for day in days],
        series=[
            Series("TikTok", wave(5_600, 11_800, phase=1), "tiktok"),
            Series("YouTube", wave(4_600, 7_400, phase=2), "youtube"),
            Series("Reddit", wave(2_500, 3_200, phase=3), "reddit"),
            Series("X", wave(1_300, 2_500, phase=4), "x"),
        ],
        unit="views",
    )


def units_chart() -> BarChart:
    """A year of units by kind."""
    today = timezone.localdate()
    months = [(today.replace(day=1) - timedelta(days=30 * index)).strftime("%b") for index in reversed(range(12))]
    lines = [("Scrapes", "violet", 1), ("Downloads", "teal", 2), ("AI generations", "amber", 3)]
    series = [
        Series(name, [round(value) for value in wave(60, 180, 12, phase=phase)], hue) for name, hue, phase in lines
    ]
    return BarChart("Charged by month", months, series, unit="units", head="Month", running=True)
