"""What the page of one trend shows, computed before a template sees it."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.utils import timezone

from kapture.gateways.scraping import PROVIDERS
from kapture.web.charts import LineChart, Mark, Series
from trends import kept, queries
from trends.cards import Card, card_rows, cards
from trends.explain import Step, explain
from trends.keeping_forms import LabelsForm
from trends.lineage import Step as Station
from trends.lineage import lineage
from trends.models import Category, Snapshot, Trend
from trends.scoring import OWN
from trends.specs import LANGUAGES
from trends.wording import kind_of, reach_noun

# What may stand in the plot, and its colour.
HUES: Final = {"Alert": "amber", "Captured": "teal"}


@dataclass(frozen=True, slots=True)
class DetailPage:
    """One trend with its history, its arithmetic and its neighbours."""

    trend: Trend
    steps: list[Step]
    history: list[Snapshot]
    by_author: list[Card]
    by_hashtag: list[Card]
    curl: str
    lineage: list[Station]
    labels: LabelsForm
    categories: Sequence[Category]

    @classmethod
    def of(cls, request: HttpRequest, trend: Trend) -> "DetailPage":
        """Everything the page of a trend shows."""
        user = request.user
        address = request.build_absolute_uri(f"/api/trends/{trend.pk}")
        return cls(
            trend=trend,
            steps=explain(trend),
            history=queries.history(trend),
            by_author=cards(card_rows(queries.by_same_author(user, trend))),
            by_hashtag=cards(card_rows(queries.with_same_hashtags(user, trend))),
            lineage=lineage(user, trend),
            labels=LabelsForm(trend),
            categories=list(kept.categories(user)),
            curl=f'curl -H "Authorization: Bearer $KAPTURE_KEY" {address}',
        )

    @property
    def found_by(self) -> str:
        """Who found it last, or measured it again; empty when the scrape is gone."""
        return PROVIDERS[self.trend.scrape.vendor].label if self.trend.scrape else ""

    @property
    def usual(self) -> str:
        """Whose usual the multiple is of."""
        return "the author’s usual" if self.trend.baseline in OWN else "the platform’s usual"

    @property
    def language(self) -> str:
        """Name of the language it is in."""
        return LANGUAGES.get(self.trend.language, self.trend.language)

    @property
    def kind(self) -> str:
        """What the post is made of, in a word."""
        return kind_of(content_type=self.trend.content_type, platform=self.trend.platform)

    @property
    def chart(self) -> LineChart | None:
        """Reach at each look that moved it; None until there are two."""
        if len(self.history) < 2:
            return None
        has_views = self.trend.views is not None
        noun = reach_noun(has_views=has_views, platform=self.trend.platform)
        values = [(one.views if has_views else one.likes) or 0 for one in self.history]
        labels = [f"{timezone.localtime(one.at):%-d %b %H:%M}" for one in self.history]
        series = Series(noun.capitalize(), [max(0, value) for value in values], self.trend.platform, values[-1])
        title = f"{noun.capitalize()} at each look"
        return LineChart(title, labels, [series], noun, key="history", head="Look", marks=self.marks)

    @property
    def marks(self) -> list[Mark]:
        """Alerts and captures at their places in the plot of the history."""
        looks = [one.at for one in self.history]
        return [
            Mark(f"{step.marks}, {timezone.localtime(step.at):%-d %b %H:%M}", _place(step.at, looks), HUES[step.marks])
            for step in self.lineage
            if step.marks
        ]


def _place(at: datetime, looks: Sequence[datetime]) -> float:
    """Where a time is among the looks, in parts of the way from one to the next; the ends for what is outside."""
    after = bisect(looks, at)
    if after in (0, len(looks)):
        return float(max(after - 1, 0))
    before, then = looks[after - 1], looks[after]
    return after - 1 + (at - before) / (then - before)
