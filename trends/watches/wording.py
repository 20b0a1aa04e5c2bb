"""Words for rules and what they saw."""

from trends.models import Metric

HOURS_WORDS = {24: "24 hours", 72: "3 days", 168: "7 days"}


def figure(metric: str, value: float) -> str:
    """A value of a metric: 12,000, 7.25, 3.5×."""
    number = f"{value:,.0f}" if value >= 100 else f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{number}×" if metric == Metric.MULTIPLE else number


def rule_words(metric: str, at_least: float) -> str:
    """A rule as people say it: Views of 10,000 and more."""
    return f"{Metric(metric).label} of {figure(metric, at_least)} and more"
