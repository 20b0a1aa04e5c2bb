"""Which platform showed a topic first, and by how many hours; pure arithmetic (docs/analytics.md)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from math import comb
from statistics import median
from typing import Final
from uuid import UUID

from django.db.models import TextChoices

from kapture.core.choices import Platform
from kapture.gateways.scraping import DatePrecision
from trends.analytics.gathering import Gathered
from trends.analytics.topics import Post

# A pair of platforms is judged from five topics on in which one of them was first.
MIN_TOPICS: Final = 5
# What could be chance more often than once in twenty is said to be so.
CHANCE: Final = 0.05
SHOWN: Final = 50
# How many hours apart two times must lie to say which was first, by how well they are known; others are left out.
RESOLUTION: Final[Mapping[str, float]] = {DatePrecision.EXACT: 1.0, DatePrecision.DAY: 24.0}
SEEN_RESOLUTION: Final = 1.0


class Basis(TextChoices):
    """What counts as the moment at which a platform showed a topic."""

    PUBLISHED = "published", "When published"
    SEEN = "seen", "When first seen"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The first post of a topic on a platform that reached the least reach; `hours` after the first platform."""

    platform: str
    at: datetime
    post: UUID
    resolution: float
    hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that two platforms or more showed in the period, the first one first; `leader` is empty when in doubt."""

    name: str
    posts: int
    arrivals: Sequence[Arrival]
    leader: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two platforms over the topics both showed: the leader was first in `led` of them, the follower in `followed`.

    `hours` is the median lead in the topics it led, `hours_behind` in those it did not. `chance` is how often a fair
    coin would differ as much (two-sided sign test).
    """

    leader: str
    follower: str
    topics: int
    led: int
    followed: int
    hours: float | None
    hours_behind: float | None
    chance: float

    @property
    def together(self) -> int:
        """Topics in which the times lie too near each other to tell."""
        return self.topics - self.led - self.followed

    @property
    def is_enough(self) -> bool:
        """Whether there are enough topics to say more than the counts."""
        return self.led + self.followed >= MIN_TOPICS

    @property
    def is_sure(self) -> bool:
        """Whether one leads, and that is hardly chance."""
        return self.is_enough and self.led > self.followed and self.chance <= CHANCE


@dataclass(frozen=True, slots=True)
class Leads:
    """What the posts of a period say about who leads.

    `shared` counts the topics found; `undated` the posts about a topic whose time of publishing is not known well
    enough; `older` the topics that a platform had before the period, so that its beginning is not seen there.
    """

    considered: int
    cut: bool
    shared: int
    topics: Sequence[Topic]
    pairs: Sequence[Pair]
    undated: int
    older: int


# The moment of a post and how many hours it is known to; None when nothing is known.
Moment = Callable[[Post], tuple[datetime, float] | None]


def published(post: Post) -> tuple[datetime, float] | None:
    """When a post was published, where the platform tells at least the day."""
    resolution = RESOLUTION.get(post.precision)
    return None if resolution is None else (post.at, resolution)


def first_looks(seen: Mapping[UUID, datetime]) -> Moment:
    """When a look first found a post at the least reach."""

    def moment(post: Post) -> tuple[datetime, float] | None:
        return (seen[post.pk], SEEN_RESOLUTION) if post.pk in seen else None

    return moment


def leads(gathered: Gathered, moment: Moment, *, considered: int, cut: bool) -> Leads:
    """Who leads whom, by the moments of the gathered posts."""
    topics = [topic for name, by in gathered.by_topic.items() if (topic := _topic(name, by, moment))]
    topics.sort(key=lambda topic: (-len(topic.arrivals), -topic.posts, topic.name))
    pairs = [pair for one, other in combinations(Platform, 2) if (pair := _pair(one.value, other.value, topics))]
    return Leads(
        considered=considered,
        cut=cut,
        shared=len(topics),
        topics=topics[:SHOWN],
        pairs=sorted(pairs, key=lambda pair: (-pair.topics, pair.leader, pair.follower)),
        undated=sum(moment(post) is None for post in gathered.posts),
        older=gathered.older,
    )


def _topic(name: str, by_platform: Mapping[str, Sequence[Post]], moment: Moment) -> Topic | None:
    arrivals = [arrival for posts in by_platform.values() if (arrival := _first(posts, moment))]
    if len(arrivals) < 2:
        return None
    arrivals.sort(key=lambda arrival: (arrival.at, arrival.platform))
    first = arrivals[0]
    placed = [
        Arrival(one.platform, one.at, one.post, one.resolution, (one.at - first.at).total_seconds() / 3600)
        for one in arrivals
    ]
    # The first one leads when it is clearly before all others.
    clear = all(_lag(placed[0], other) for other in placed[1:])
    posts = sum(len(some) for some in by_platform.values())
    return Topic(name, posts, placed, first.platform if clear else "")


def _first(posts: Sequence[Post], moment: Moment) -> Arrival | None:
    known = [(found[0], post.pk, found[1], post.platform) for post in posts if (found := moment(post))]
    if not known:
        return None
    at, pk, resolution, platform = min(known)
    return Arrival(platform, at, pk, resolution)


def _lag(one: Arrival, other: Arrival) -> float:
    """Hours by which one came before the other (negative: after); 0 when too near each other to tell."""
    hours = (other.at - one.at).total_seconds() / 3600
    return hours if abs(hours) >= max(one.resolution, other.resolution) else 0.0


def _pair(one: str, other: str, topics: Sequence[Topic]) -> Pair | None:
    lags = []
    for topic in topics:
        by_platform = {arrival.platform: arrival for arrival in topic.arrivals}
        if one in by_platform and other in by_platform:
            lags.append(_lag(by_platform[one], by_platform[other]))
    if not lags:
        return None
    ahead, behind = [lag for lag in lags if lag > 0], [-lag for lag in lags if lag < 0]
    if len(behind) > len(ahead):
        one, other, ahead, behind = other, one, behind, ahead
    return Pair(
        leader=one,
        follower=other,
        topics=len(lags),
        led=len(ahead),
        followed=len(behind),
        hours=median(ahead) if ahead else None,
        hours_behind=median(behind) if behind else None,
        chance=chance(len(ahead), len(behind)),
    )


def chance(first: int, second: int) -> float:
    """How likely a fair coin thrown as often differs at least as much from even (exact two-sided sign test)."""
    thrown, most = first + second, max(first, second)
    tails = sum(comb(thrown, heads) for heads in range(most, thrown + 1))
    # Whole numbers up to the division, so that it is exact for any number of topics.
    return min(1.0, float(2 * tails / 2**thrown))
