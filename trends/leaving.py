"""What of this room goes when somebody leaves."""

from typing import Any

from accounts.closing.scrubbing import erase
from trends.models import Category, Change, PlatformTotal, SavedView, Scrape, Trend, Watch


def erase_trends(user: Any) -> None:
    """Delete captured posts with their history, how they were kept, and the searches that found them."""
    # Totals first: a total must never tell another number than there are trends.
    erase(PlatformTotal.objects.filter(owner=user))
    # With its runs, rules, alerts and their grades.
    erase(Watch.objects.filter(owner=user))
    erase(Trend.objects.filter(owner=user))
    for model in (Category, SavedView, Change):
        erase(model.objects.filter(owner=user))
    erase(Scrape.objects.filter(owner=user))
