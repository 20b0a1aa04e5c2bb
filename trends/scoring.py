"""How far a post stands out, in arithmetic that can be done by hand.

Every figure below is rounded as it is shown, and the next one is made from the rounded figure.

    reach       views; likes (on Reddit the score) where a platform tells no views; never below 0
    baseline    median reach of the author's last posts (up to 50, this one among them) when three or more are known,
                else of the posts captured last on the same platform (up to 200), else nothing
    multiple    reach / baseline, the baseline counting as at least 1; in hundredths
    confidence  n / (n + 3) for a median of n posts, halved when they are not the author's own; in thousandths
    freshness   30 / (30 + age in days, in tenths); one half when the time of publishing is unknown; in thousandths
    score       multiple x confidence x freshness; in thousandths
    velocity    reach / age in hours (in tenths), the age counting as at least 1
    engagement  (likes + comments + shares) / views, of the counters that are known; nothing without views

The multiple of an author's own median follows how creators speak of "outliers"; confidence keeps a median of three
posts from outranking one of thirty; freshness lets what rises now pass what rose last year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db import models

MIN_AUTHOR_POSTS = 3
AUTHOR_POSTS = 50
HALF_AGE_DAYS = 30.0
DOUBT = 3.0


class Baseline(models.TextChoices):
    """What a post's reach is compared with."""

    AGE = "age", "Author's usual at this age"
    AUTHOR = "author", "Author's usual"
    PLATFORM = "platform", "Platform's usual"
    NONE = "none", "Nothing to compare with"


@dataclass(frozen=True, slots=True)
class Counters:
    """What a platform tells about a post at one look; None when it does not."""

    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None

    @property
    def reach(self) -> int:
        """The counter posts of one platform are compared by."""
        return max(0, self.views if self.views is not None else self.likes or 0)


@dataclass(frozen=True, slots=True)
class Usual:
    """A median reach and what it was taken from."""

    baseline: Baseline = Baseline.NONE
    reach: float | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class Rating:
    """The rating of a post at one look."""

    reach: int
    usual: Usual
    multiple: float | None
    confidence: float
    freshness: float
    score: float
    velocity: float
    engagement: float | None


@dataclass(frozen=True, slots=True)
class Age:
    """How old a post is, in tenths of an hour (at least 1 hour) and tenths of a day."""

    hours: float
    days: float

    @classmethod
    def between(cls, published_at: datetime, now: datetime) -> "Age":
        """The age at `now`."""
        hours = max((now - published_at).total_seconds() / 3600, 1.0)
        return cls(round(hours, 1), round(hours / 24, 1))


def usual(author: Sequence[int], platform: Sequence[int]) -> Usual:
    """What a post is compared with, from the reach of its author's and of its platform's known posts."""
    if len(author) >= MIN_AUTHOR_POSTS:
        return Usual(Baseline.AUTHOR, float(median(author)), len(author))
    if len(platform) >= MIN_AUTHOR_POSTS:
        return Usual(Baseline.PLATFORM, float(median(platform)), len(platform))
    return Usual()


def rate(counters: Counters, known: Usual, *, published_at: datetime | None, now: datetime) -> Rating:
    """The rating of a post against its usual, as of `now`."""
    reach = counters.reach
    age = None if published_at is None else Age.between(published_at, now)
    multiple = None if known.reach is None else round(reach / max(known.reach, 1.0), 2)
    confidence = round(known.size / (known.size + DOUBT) / (1 if known.baseline is Baseline.AUTHOR else 2), 3)
    freshness = 0.5 if age is None else round(HALF_AGE_DAYS / (HALF_AGE_DAYS + age.days), 3)
    return Rating(
        reach=reach,
        usual=known,
        multiple=multiple,
        confidence=confidence,
        freshness=freshness,
        score=round((multiple or 0.0) * confidence * freshness, 3),
        velocity=0.0 if age is None else reach / age.hours,
        engagement=engagement(counters),
    )


def engagement(counters: Counters) -> float | None:
    """Reactions for one view, of the counters that are known; None without views or reactions."""
    known = [count for count in (counters.likes, counters.comments, counters.shares) if count is not None]
    if not counters.views or not known:
        return None
    return sum(known) / counters.views
