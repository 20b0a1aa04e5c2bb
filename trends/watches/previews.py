"""What the editor tells before a watch is kept: what its rules would have done, and what it takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from kapture.web.bars import BarChart
from kapture.web.charts import Series
from trends.models import Mark
from trends.watches.backtest import Backtest, Claim
from trends.watches.queries import Cost, Record
from trends.watches.rules import GROWTH
from trends.watches.wording import HOURS_WORDS, rule_words

CLAIMS = 12


@dataclass(frozen=True, slots=True)
class Tried:
    """A backtest, ready to be shown."""

    test: Backtest
    number: int

    @property
    def title(self) -> str:
        """What the rule says."""
        return rule_words(self.test.rule.metric, self.test.rule.at_least)

    @property
    def chart(self) -> BarChart:
        """Alerts a day, by what became of them within 24 hours."""
        state = Mark.State
        parts = (("Rose on", "green", (state.HIT,)), ("Did not", "rose", (state.MISS,)))
        series = [Series(name, self._counts(states), hue) for name, hue, states in parts]
        series.append(Series("Not known", self._counts((state.WAITING, state.UNKNOWN)), "slate"))
        labels = [f"{day:%-d %b}" for day in self.test.dates]
        return BarChart("Alerts a day", labels, series, "alerts", key=f"backtest-{self.number}", running=True)

    def _counts(self, states: Sequence[Mark.State]) -> list[float]:
        days = [self.test.per_day(state) for state in states]
        return [float(sum(counts)) for counts in zip(*days, strict=True)]

    @property
    def records(self) -> list[tuple[str, Record]]:
        """What became of the alerts, by hours."""
        return [(HOURS_WORDS[hours], self.test.record(hours)) for hours in GROWTH]

    @property
    def claims(self) -> Sequence[Claim]:
        """The latest posts that would have been claimed."""
        return self.test.claims[:CLAIMS]


@dataclass(frozen=True, slots=True)
class Price:
    """What the schedule in a form takes, in words; None when it cannot be told yet."""

    cost: Cost | None

    @property
    def words(self) -> str:
        """720 of your 500 scrapes a month."""
        assert self.cost is not None
        return f"{self.cost.units:,} of your {self.cost.usage.limit:,} scrapes a month"
