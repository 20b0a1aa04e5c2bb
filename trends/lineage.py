"""Where a trend came from and what came of it; rooms above add what they made of it to a register."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.urls import reverse

from trends.models import Alert, Trend, WatchTrend

SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One station: `kind` says what it is, `at` when; `marks` is how it is called in the plot of the history, if so."""

    kind: str
    icon: str
    title: str
    at: datetime
    url: str = ""
    marks: str = ""


Teller = Callable[[Any, UUID], Sequence[Step]]
_tellers: Final[list[Teller]] = []


def tell_lineage(teller: Teller) -> None:
    """Add a room that knows what became of a trend of a user; it answers at most a few steps."""
    _tellers.append(teller)


def lineage(user: Any, trend: Trend) -> list[Step]:
    """The watches that met it, the scrape that saw it last, its capture, and what was made of it."""
    here = Step("Trend", "trending-up", "First captured", trend.created_at)
    before = [*_watches(trend), *_scrape(trend)]
    return [*before, here, *_alerts(trend), *(step for teller in _tellers for step in teller(user, trend.pk))]


def _watches(trend: Trend) -> list[Step]:
    met = WatchTrend.objects.filter(trend=trend).select_related("watch").order_by("at")[:SHOWN]
    base = reverse("trends:list")
    return [Step("Watch", "radar", row.watch.name, row.at, f"{base}?watch={row.watch_id}") for row in met]


def _scrape(trend: Trend) -> list[Step]:
    found = trend.scrape
    if found is None:
        return []
    return [Step("Last scrape", "search", str(found), trend.scraped_at, f"{reverse('trends:list')}?scrape={found.pk}")]


def _alerts(trend: Trend) -> list[Step]:
    raised = Alert.objects.filter(trend=trend).select_related("rule").order_by("raised_at")[:SHOWN]
    return [Step("Alert", "bell", str(row.rule), row.raised_at, marks="Alert") for row in raised]
