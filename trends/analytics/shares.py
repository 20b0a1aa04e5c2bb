"""How a share of all posts, or of their reach, grew; pure arithmetic (docs/analytics.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import Final

from trends.analytics.figures import Fact

# Shares are compared when the period before had twenty posts.
MIN_BEFORE: Final = 20
# Half a post is added to each count, so that what was not there before has a ratio, too.
HALF: Final = 0.5
# Of a normal distribution, 90 % lie above -1.2816 standard deviations.
NINETY: Final = 1.2816


@dataclass(frozen=True, slots=True)
class Rise:
    """How many times larger a share became, and how much at least with 90 % confidence."""

    times: float
    at_least: float

    @property
    def is_sure(self) -> bool:
        """Whether it grew, as far as the numbers can tell."""
        return self.at_least > 1


def rise(count: int, total: int, before: int, total_before: int) -> Rise | None:
    """The ratio of two smoothed shares with its lower bound (Walter 1975); None below twenty posts before."""
    if total_before < MIN_BEFORE:
        return None
    times = ((count + HALF) / (total + 1)) / ((before + HALF) / (total_before + 1))
    spread = 1 / (count + HALF) - 1 / (total + 1) + 1 / (before + HALF) - 1 / (total_before + 1)
    return Rise(times, times * exp(-NINETY * sqrt(spread)))


@dataclass(frozen=True, slots=True)
class Whole:
    """All posts of a period: how many, and their reach together."""

    posts: int
    reach: int

    @classmethod
    def of(cls, facts: Sequence[Fact]) -> "Whole":
        """The whole of some posts."""
        return cls(len(facts), sum(fact.reach for fact in facts))

    def share(self, reach: int) -> float:
        """The share of a reach in the whole, half a post of average reach added to it and one to the whole."""
        mean = self.reach / self.posts
        return (reach + HALF * mean) / (self.reach + mean)


def reach_rise(reach: int, now: Whole, reach_before: int, before: Whole) -> float | None:
    """The ratio of two shares of reach; None where there was none, or below twenty posts before."""
    if before.posts < MIN_BEFORE or not now.reach or not before.reach:
        return None
    return now.share(reach) / before.share(reach_before)
