"""How far a post stands out, in arithmetic that can be done by hand.

Every figure below is rounded as it is shown, and the next one is made from the rounded figure.

    reach       views; likes (on Reddit the score) where a platform tells no views; never below 0
    baseline    a median reach, of the first of these that has three posts or more; the post itself is among them
                - the author's last posts (up to 50), each as it stood at a comparable age
                - the same posts as they stood at their last look, whatever their age
                - the posts captured last on the same platform (up to 200), whoever made them
    multiple    reach / baseline, the baseline counting as at least 1; in hundredths
    confidence  n / (n + 3) for a median of n posts; times 3/4 when their ages differ, times 1/2 when they are not the
                author's own; in thousandths
    freshness   30 / (30 + age in days, in tenths); one half when the time of publishing is unknown; in thousandths
    score       multiple x confidence x freshness; in thousandths
    velocity    reach / age in hours (in tenths), the age counting as at least 1
    engagement  (likes + comments + shares) / views, of the counters that are known; nothing without views

A look at one post is comparable to another post's age when it was taken at between half and twice that age, or when
both are past 30 days; of several such looks the one nearest in age (by ratio) counts. The multiple of an author's own
median follows how creators speak of "outliers"; comparing at the same age keeps a post of yesterday from being held
against what others gathered in years. The bounds, the weights and the 3 posts are judgements of this product, not
measured facts: confidence keeps a median of three posts from outranking one of thirty; freshness lets what rises now
pass what rose last year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log
from statistics import median

from django.db import models

MIN_AUTHOR_POSTS = 3
AUTHOR_POSTS = 50
HALF_AGE_DAYS = 30.0
DOUBT = 3.0
# How far ages may lie apart, as a ratio, and from which age on (hours) all are alike.
AGE_SPAN = 2.0
GROWN_HOURS = 30 * 24.0


class Baseline(models.TextChoices):
    """What a post's reach is compared with."""

    AGE = "age", "Author's usual at this age"
    AUTHOR = "author", "Author's usual"
    PLATFORM = "platform", "Platform's usual"
    NONE = "none", "Nothing to compare with"

    @property
    def weight(self) -> float:
        """How much a median of this kind is trusted."""
        return {Baseline.AGE: 1.0, Baseline.AUTHOR: 0.75, Baseline.PLATFORM: 0.5, Baseline.NONE: 0.5}[self]


# Those that are of the author's own posts.
OWN = (Baseline.AGE, Baseline.AUTHOR)


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


def comparable(age: float, looks: Sequence[tuple[float, int]]) -> int | None:
    """Reach at the look that was taken nearest to an age, of (age in hours, reach); None when none is comparable."""
    alike = [
        (abs(log(max(taken, 1.0) / max(age, 1.0))), reach)
        for taken, reach in looks
        if age / AGE_SPAN <= taken <= age * AGE_SPAN or min(age, taken) >= GROWN_HOURS
    ]
    return min(alike)[1] if alike else None


def usual(author: Sequence[int], platform: Sequence[int], *, at_age: Sequence[int] = ()) -> Usual:
    """What a post is compared with: its author's posts at its age, at any age, or its platform's known posts."""
    for baseline, known in ((Baseline.AGE, at_age), (Baseline.AUTHOR, author), (Baseline.PLATFORM, platform)):
        if len(known) >= MIN_AUTHOR_POSTS:
            return Usual(baseline, float(median(known)), len(known))
    return Usual()


def rate(counters: Counters, known: Usual, *, published_at: datetime | None, now: datetime) -> Rating:
    """The rating of a post against its usual, as of `now`."""
    reach = counters.reach
    age = None if published_at is None else Age.between(published_at, now)
    multiple = None if known.reach is None else round(reach / max(known.reach, 1.0), 2)
    confidence = round(known.size / (known.size + DOUBT) * known.baseline.weight, 3)
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
