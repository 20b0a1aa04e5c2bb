"""The plots of the page; each comes with its figures as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from kapture.core.choices import Platform
from kapture.gateways.scraping import DateRange
from kapture.web.bars import BarChart
from kapture.web.charts import LineChart, Series
from trends.analytics.figures import Row
from trends.analytics.leading import Topic
from trends.analytics.periods import Period
from trends.analytics.rising import Hashtag

HUES = ("violet", "teal", "amber", "rose")
# Room at both ends of a lane, in percent, so that no dot is cut.
MARGIN = 3.0


def labels(period: Period) -> list[str]:
    """A name for each part: the hour or the day in which it ends."""
    ends = [timezone.localtime(end) for end in period.ends]
    hours = period.length is DateRange.DAY
    return [clock(end) if hours else f"{end.day} {end:%b}" for end in ends]


def head(period: Period) -> str:
    """What a label is."""
    return "Hour up to" if period.length is DateRange.DAY else "Day"


def posts_by_platform(period: Period, platforms: Sequence[Row]) -> BarChart:
    """How many posts of each platform were published in each part."""
    series = [Series(str(Platform(row.key).label), row.posts, row.key) for row in platforms]
    return BarChart("Posts by platform", labels(period), series, "posts", head(period), key="posts")


def reach_by_platform(period: Period, platforms: Sequence[Row]) -> LineChart:
    """What the posts of each part reached by now."""
    series = [Series(str(Platform(row.key).label), row.reach, row.key) for row in platforms]
    return LineChart("Reach by platform", labels(period), series, "reach", key="reach", head=head(period))


def rising_hashtags(period: Period, tags: Sequence[Hashtag]) -> LineChart | None:
    """Posts with each of the first four hashtags; None for none."""
    series = [Series(f"#{tag.row.name}", tag.row.posts, hue) for tag, hue in zip(tags, HUES, strict=False)]
    if not series:
        return None
    return LineChart("Posts with these hashtags", labels(period), series, "posts", key="hashtags", head=head(period))


@dataclass(frozen=True, slots=True)
class Dot:
    """A platform's first post of a topic, `x` percent along the lane."""

    hue: str
    x: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The first posts of a topic along time, the first one at the left."""

    dots: Sequence[Dot]
    begin: str
    end: str


def lanes(topics: Sequence[Topic]) -> list[Lane]:
    """A lane for each topic, all on the scale of the slowest one."""
    longest = max((arrival.hours for topic in topics for arrival in topic.arrivals), default=0.0) or 1.0
    found = []
    for topic in topics:
        dots = [Dot(one.platform, f"{MARGIN + (100 - 2 * MARGIN) * one.hours / longest:.2f}") for one in topic.arrivals]
        found.append(Lane(dots, dots[0].x, dots[-1].x))
    return found


def clock(at: datetime) -> str:
    """The time of day, in the time that the page shows."""
    return f"{timezone.localtime(at):%H:%M}"


def moment(at: datetime) -> str:
    """A time as the page writes it."""
    local = timezone.localtime(at)
    return f"{local.day} {local:%b %H:%M}"
