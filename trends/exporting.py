"""What this room adds to somebody's export."""

from accounts.exporting.rows import register_table
from trends.models import Category, Change, PlatformTotal, SavedView, Scrape, Snapshot, Trend
from trends.watches import exporting as watches


def register_all() -> None:
    """Enter the rows into the register of exports."""
    register_table("trends", Trend, "owner", about="Posts you captured, their latest figures, and how they were rated.")
    register_table("trend_snapshots", Snapshot, "trend__owner", about="Figures of captured posts when they changed.")
    register_table("trend_categories", Category, "owner", about="Categories you put trends on.")
    register_table("trend_views", SavedView, "owner", about="Filters of the list of trends that you saved.")
    register_table("trend_changes", Change, "owner", about="What you deleted, tagged and moved, and what undoes it.")
    register_table("scrapes", Scrape, "owner", about="Searches: what was asked for and what became of it.")
    watches.register_all()
    register_table("trend_totals", PlatformTotal, "owner", about="How many posts you captured on each platform.")
