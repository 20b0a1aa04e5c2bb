"""The time that is looked at, the equally long time before it, and the parts it is plotted in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from kapture.gateways.scraping import DateRange

# A period ends at a round time, so that what was worked out holds for everybody who asks within these minutes.
ROUND: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Period:
    """A day, a week or a month up to a moment."""

    length: DateRange
    until: datetime

    @classmethod
    def ending(cls, length: DateRange, now: datetime) -> "Period":
        """The period that ends now, to the last five minutes."""
        return cls(length, now - timedelta(seconds=now.timestamp() % ROUND.total_seconds()))

    @cached_property
    def since(self) -> datetime:
        """Its beginning."""
        return self.until - timedelta(days=self.length.days)

    @cached_property
    def before(self) -> datetime:
        """The beginning of the period before."""
        return self.since - timedelta(days=self.length.days)

    @cached_property
    def parts(self) -> int:
        """How many points a plot has: 24 hours, 7 days or 30 days."""
        return 24 if self.length is DateRange.DAY else self.length.days

    @cached_property
    def step(self) -> timedelta:
        """How long a part is."""
        return timedelta(days=self.length.days) / self.parts

    @cached_property
    def ends(self) -> list[datetime]:
        """The end of each part, the last one being the end of the period."""
        return [self.since + self.step * (index + 1) for index in range(self.parts)]

    def part(self, at: datetime) -> int:
        """The part a moment lies in; a post that claims to come from the future counts for now."""
        return max(0, min(self.parts - 1, (at - self.since) // self.step))
