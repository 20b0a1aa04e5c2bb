"""Posts that were captured, how their owner keeps them, and the watches that find more."""

from trends.models.curating import Category, Change, SavedView
from trends.models.posts import PlatformTotal, Snapshot, Trend, TrendQuerySet
from trends.models.scrapes import Purpose, Scrape
from trends.models.watching import Alert, Mark, Metric, Rule, Watch, WatchRun, WatchTrend

__all__ = [
    "Alert",
    "Category",
    "Change",
    "Mark",
    "Metric",
    "PlatformTotal",
    "Purpose",
    "Rule",
    "SavedView",
    "Scrape",
    "Snapshot",
    "Trend",
    "TrendQuerySet",
    "Watch",
    "WatchRun",
    "WatchTrend",
]
