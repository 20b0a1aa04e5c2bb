"""What of this room goes when somebody leaves."""

from typing import Any

from accounts.closing.scrubbing import erase
from trends.models import PlatformTotal, Scrape, Trend


def erase_trends(user: Any) -> None:
    """Delete captured posts with their history, and the searches that found them."""
    # Totals first: a total must never tell another number than there are trends.
    erase(PlatformTotal.objects.filter(owner=user))
    erase(Trend.objects.filter(owner=user))
    erase(Scrape.objects.filter(owner=user))
