"""The arithmetic of a rating in words, from the figures that are stored with it."""

from dataclasses import dataclass

from kapture.web.formats import MISSING
from trends.models import Trend
from trends.scoring import (
    AGE_SPAN,
    DOUBT,
    GROWN_HOURS,
    HALF_AGE_DAYS,
    MIN_AUTHOR_POSTS,
    Age,
    Baseline,
    Counters,
    Rating,
    Usual,
    rate,
)
from trends.wording import reach_noun

# Why a median is trusted less, behind the sum that says how much.
DOUBTS = {
    Baseline.AUTHOR: f" × {Baseline.AUTHOR.weight:g}, of other ages",
    Baseline.PLATFORM: f" × {Baseline.PLATFORM.weight:g}, not the author’s own",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the calculation: what it is, how it comes about, what comes out."""

    name: str
    how: str
    result: str


def rating_of(trend: Trend) -> Rating:
    """The rating of a trend as of its last look, computed anew from its stored facts."""
    counters = Counters(trend.views, trend.likes, trend.comments, trend.shares)
    known = Usual(Baseline(trend.baseline), trend.baseline_reach, trend.baseline_size)
    return rate(counters, known, published_at=trend.published_at, now=trend.scraped_at)


def explain(trend: Trend) -> list[Step]:
    """The calculation line by line, so that it can be done by hand."""
    rating = rating_of(trend)
    noun = reach_noun(has_views=trend.views is not None, platform=trend.platform)
    return [
        Step("Reach", noun.capitalize(), f"{rating.reach:,}"),
        *_comparison(trend, rating),
        *_pace(trend, rating, noun),
        _engagement(trend, rating),
    ]


def _comparison(trend: Trend, rating: Rating) -> list[Step]:
    known = rating.usual
    if rating.multiple is None or known.reach is None:
        how = f"Needs {MIN_AUTHOR_POSTS} captured posts of this author or platform"
        return [Step("Compared with", how, MISSING)]
    doubt = f"{known.size} ÷ ({known.size} + {DOUBT:g}){DOUBTS.get(known.baseline, '')}"
    return [
        Step("Compared with", _whose(trend, known), _number(known.reach)),
        Step("Multiple", f"{rating.reach:,} ÷ {_number(max(known.reach, 1))}", f"{rating.multiple:,.2f}×"),
        Step("Confidence", doubt, f"{rating.confidence:.3f}"),
        Step("Freshness", _freshness(trend), f"{rating.freshness:.3f}"),
        Step(
            "Score",
            f"{rating.multiple:,.2f} × {rating.confidence:.3f} × {rating.freshness:.3f}",
            f"{rating.score:,.3f}",
        ),
    ]


def _whose(trend: Trend, known: Usual) -> str:
    """Whose median a post is compared with."""
    if known.baseline is Baseline.PLATFORM:
        return f"Median of your last {known.size} captured there"
    if known.baseline is Baseline.AUTHOR or trend.published_at is None:
        return f"Median of this author’s last {known.size}"
    hours = Age.between(trend.published_at, trend.scraped_at).hours
    return f"Median of {known.size} by this author when {_span(hours)} old"


def _span(hours: float) -> str:
    """The ages that are comparable to one, in words."""
    if hours >= GROWN_HOURS:
        return f"{min(hours / AGE_SPAN, GROWN_HOURS) / 24:,.1f} days or more"
    unit, scale = ("days", 24) if hours / AGE_SPAN >= 24 else ("hours", 1)
    return f"{hours / AGE_SPAN / scale:,.1f} to {hours * AGE_SPAN / scale:,.1f} {unit}"


def _freshness(trend: Trend) -> str:
    if trend.published_at is None:
        return "One half, as the date is unknown"
    return (
        f"{HALF_AGE_DAYS:g} ÷ ({HALF_AGE_DAYS:g} + {Age.between(trend.published_at, trend.scraped_at).days:,.1f} days)"
    )


def _pace(trend: Trend, rating: Rating, noun: str) -> list[Step]:
    name = f"{noun.capitalize()} an hour"
    if trend.published_at is None:
        return [Step(name, "The date is unknown", MISSING)]
    age = Age.between(trend.published_at, trend.scraped_at)
    return [Step(name, f"{rating.reach:,} ÷ {age.hours:,.1f} h", f"{rating.velocity:,.1f}")]


def _engagement(trend: Trend, rating: Rating) -> Step:
    if rating.engagement is None:
        return Step("Engagement", "Needs views and a reaction", MISSING)
    counted = (("likes", trend.likes), ("comments", trend.comments), ("shares", trend.shares))
    known = " + ".join(f"{count:,} {name}" for name, count in counted if count is not None)
    return Step("Engagement", f"({known}) ÷ {trend.views:,}", f"{rating.engagement:.2%}")


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
