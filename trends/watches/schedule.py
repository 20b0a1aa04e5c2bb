"""When a watch runs: its slots, computed from the schedule alone, so that every process sees the same ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Final

from cronsim import CronSim, CronSimError

from kapture.core.errors import InvalidInput

SHORTEST: Final = 60
LONGEST: Final = 7 * 24 * 60
USUAL: Final = 240
MONTH: Final = timedelta(days=30)
CRON_FIELDS: Final = 5
UNITS: Final = ((24 * 60, "day"), (60, "hour"), (1, "minute"))


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every so many minutes since `anchor`, or at the times of `cron` (UTC) when that is given.

    Raises `InvalidInput` for what cannot be kept, cron times that never come or come more than once an hour included.
    """

    anchor: datetime
    every_minutes: int = USUAL
    cron: str = ""

    def __post_init__(self) -> None:
        if self.cron:
            _check_cron(self.cron)
        elif not SHORTEST <= self.every_minutes <= LONGEST:
            raise InvalidInput({"everyMinutes": [f"From {SHORTEST} to {LONGEST:,} minutes."]})

    def after(self, moment: datetime) -> datetime | None:
        """The first slot after a moment; None when a cron time never comes again."""
        return next(self._slots(moment), None)

    def runs_within(self, moment: datetime, span: timedelta = MONTH) -> int:
        """How many slots lie in the span that begins at a moment."""
        end = moment + span
        return sum(1 for _ in takewhile(lambda slot: slot <= end, self._slots(moment)))

    @property
    def words(self) -> str:
        """The schedule as people say it."""
        if self.cron:
            return f"{CronSim(self.cron, self.anchor).explain()} UTC"
        size, unit = next((size, unit) for size, unit in UNITS if self.every_minutes % size == 0)
        count = self.every_minutes // size
        return f"Every {unit}" if count == 1 else f"Every {count} {unit}s"

    def _slots(self, moment: datetime) -> Iterator[datetime]:
        if self.cron:
            yield from CronSim(self.cron, moment.astimezone(UTC))
            return
        step, anchor = timedelta(minutes=self.every_minutes), minute_of(self.anchor)
        number = (moment - anchor) // step + 1
        while True:
            yield anchor + number * step
            number += 1


def minute_of(moment: datetime) -> datetime:
    """The minute a moment lies in."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _check_cron(text: str) -> None:
    try:
        parsed = CronSim(text, datetime(2026, 1, 1, tzinfo=UTC))
        comes = len(text.split()) == CRON_FIELDS and next(parsed, None) is not None
    except CronSimError as error:
        raise InvalidInput({"cron": [f"Not a cron expression: {str(error)[:1].lower()}{str(error)[1:]}."]}) from error
    if len(text.split()) != CRON_FIELDS:
        raise InvalidInput({"cron": ["Five fields: minute, hour, day of the month, month, day of the week."]})
    if not comes:
        raise InvalidInput({"cron": ["This time never comes."]})
    # With one minute an hour no two slots are closer than an hour, whatever the other fields say.
    if len(parsed.minutes) != 1:
        raise InvalidInput({"cron": ["At most once an hour: the first field must be one minute."]})
