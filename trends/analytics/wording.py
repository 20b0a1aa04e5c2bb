"""Figures of analytics as people read them."""

from kapture.core.choices import Platform
from kapture.web.formats import MISSING, compact
from trends.analytics.leading import Pair


def share(fraction: float | None) -> str:
    """A part of a whole: 4.2%, 0.31%; a dash for None."""
    if fraction is None:
        return MISSING
    percent = 100 * fraction
    return f"{percent:.0f}%" if percent >= 10 or not percent else f"{percent:.2g}%"


def times(ratio: float | None) -> str:
    """A ratio: 0.42×, 9.4×, from ten on whole; a dash for None."""
    if ratio is None:
        return MISSING
    return f"{ratio:.2f}×" if ratio < 0.995 else f"{ratio:.1f}×" if ratio < 9.95 else f"{compact(ratio)}×"


def delta(change: float | None) -> str:
    """A change in percent with its sign, from tenfold on as a ratio; empty for None."""
    if change is None:
        return ""
    return f"{change + 1:,.0f}×" if change >= 9 else f"{round(100 * change):+d}%"


def direction(change: float | None) -> str:
    """Whether a change is up, down or flat."""
    return "up" if change and change > 0 else "down" if change and change < 0 else "flat"


def span(hours: float | None) -> str:
    """A span of hours: 40 min, 14 h, from two days on in days; a dash for None."""
    if hours is None:
        return MISSING
    if hours < 1:
        return f"{round(60 * hours)} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.1f}".removesuffix(".0") + " days"


def label(platform: str) -> str:
    """The name of a platform."""
    return str(Platform(platform).label)


def verdict(pair: Pair) -> str:
    """What a pair of platforms says, in a sentence."""
    one, other = label(pair.leader), label(pair.follower)
    topics = "1 topic" if pair.topics == 1 else f"{pair.topics:,} topics"
    if pair.led == pair.followed:
        return f"{one} and {other}: neither was first more often in {topics}."
    return f"{one} before {other} in {pair.led:,} of {topics}, by a median of {span(pair.hours)}."


def doubt(pair: Pair) -> str:
    """How far the sentence can be trusted; empty when it can."""
    if pair.is_sure:
        return ""
    told = pair.led + pair.followed
    if not pair.is_enough:
        return f"Too little yet: {told} of the 5 topics that it takes."
    if pair.led == pair.followed:
        return ""
    percent = round(100 * pair.chance)
    return (
        "No more than a coin toss."
        if percent > 99
        else f"May be chance: a coin differs as much {percent} times in 100."
    )
