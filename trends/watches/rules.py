"""What makes a rule fire, and what makes its alert right: pure arithmetic that live runs and backtests share.

fires    at the first kept look at which the post's metric reaches `at_least`; a post fires once for each rule
         never on a rating (score, multiple, velocity) of a post whose first look is of a release that kept no ratings:
         whether it had reached the value by then is unknown
right    within 24 h the reach grows to 1.25 times what it was at the alert, within 72 h to 1.5, within 7 days to 2
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final, Protocol, TypeVar

from trends.models import Mark, Metric

# Hours after the alert -> how much the reach must have grown by then.
GROWTH: Final = {24: 1.25, 72: 1.5, 168: 2.0}
# A look that happened anyway counts for a mark when it came no later than this after its time.
TOLERANCE: Final = timedelta(hours=12)
# A look of the mark's own may come later, since vendors fail; what is not known then stays unknown.
LATEST: Final = timedelta(hours=24)
HIT, MISS, UNKNOWN, WAITING = Mark.State.HIT, Mark.State.MISS, Mark.State.UNKNOWN, Mark.State.WAITING


class Look(Protocol):
    """A measurement that was kept, with the ratings of that moment."""

    @property
    def at(self) -> datetime:
        """When it was made."""

    @property
    def reach(self) -> int | None:
        """Views, or what stands for them."""


AnyLook = TypeVar("AnyLook", bound=Look)


@dataclass(frozen=True, slots=True)
class Measured:
    """The reach of a post at one look."""

    at: datetime
    reach: int


@dataclass(frozen=True, slots=True)
class Grade:
    """What became of a mark."""

    state: Mark.State
    measured: Measured | None = None


def first_reaching(looks: Iterable[AnyLook], metric: Metric, at_least: float) -> AnyLook | None:
    """The first of a post's looks (in their order) whose metric reaches a value; one that did not tell reaches none.

    `looks` begin with the first of all. None as well when that one is from before ratings were kept: the post may have
    reached the value long ago.
    """
    for number, look in enumerate(looks):
        # A look that keeps ratings always has a score, while a multiple needs something to compare with.
        if number == 0 and metric != Metric.REACH and value_of(look, Metric.SCORE) is None:
            return None
        value = value_of(look, metric)
        if value is not None and value >= at_least:
            return look
    return None


def value_of(look: Look, metric: Metric) -> float | None:
    """What a rule looks at; None when that look did not tell."""
    found: float | None = getattr(look, metric.value)
    return found


def target_of(reach: int, hours: int) -> int:
    """The reach that makes an alert right after so many hours: at least one more than it had."""
    return max(ceil(round(reach * GROWTH[hours], 6)), reach + 1)


def measured(looks: Sequence[Look], last: Measured, due_at: datetime, late: timedelta) -> Measured | None:
    """The reach of a post at the first look from `due_at` on, no later than `late` after it.

    `looks` are those at which a counter moved; `last` is the latest look of all, which may have found nothing new.
    """
    end = due_at + late
    for look in looks:
        if due_at <= look.at <= end and look.reach is not None:
            return Measured(look.at, look.reach)
    return last if due_at <= last.at <= end else None


def grade(target: int, due_at: datetime, found: Measured | None, now: datetime) -> Grade:
    """Hit or miss when it was measured, unknown when nobody will, else waiting."""
    if found is not None:
        return Grade(HIT if found.reach >= target else MISS, found)
    return Grade(UNKNOWN if now > due_at + LATEST else WAITING)
