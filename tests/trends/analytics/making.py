"""Small records to reckon with."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from kapture.core.choices import Platform
from kapture.gateways.scraping import DatePrecision, DateRange
from trends.analytics.figures import Fact, Sample
from trends.analytics.periods import Period
from trends.analytics.topics import Post

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
WEEK = Period(DateRange.WEEK, NOW)
_numbers = count(1)


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def fact(**told: Any) -> Fact:
    """A YouTube post of Lampe from an hour ago with a reach of 100, unless told otherwise."""
    given = {
        "pk": UUID(int=next(_numbers)),
        "platform": Platform.YOUTUBE.value,
        "author_key": "lampe",
        "author_name": "Lampe",
        "author_handle": "lampe",
        "hashtags": (),
        "reach": 100,
        "multiple": 1.0,
        "engagement": 0.1,
        "score": 1.0,
        "at": hours_ago(1),
        **told,
    }
    return Fact(**given)


def sample(facts: Sequence[Fact], before: Sequence[Fact] = (), *, cut: bool = False) -> Sample:
    return Sample(facts, before, cut, cut_before=False)


def post(platform: Platform, hours: float, *tags: str, **told: Any) -> Post:
    """A post from so many hours ago with a reach of 100 and an exact time."""
    given = {"pk": UUID(int=next(_numbers)), "reach": 100, "precision": DatePrecision.EXACT.value, **told}
    return Post(platform=platform.value, hashtags=tags, at=hours_ago(hours), **given)
