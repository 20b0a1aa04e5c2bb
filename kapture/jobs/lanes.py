"""Lanes of the queue: what of somebody's own work goes first, and what waits for the night."""

from datetime import UTC, datetime, time, timedelta

from django.db.models import IntegerChoices


class Lane(IntegerChoices):
    """Whether a job goes before its owner's others, in turn, or at night when nothing else wants to run."""

    NOW = 0, "Now"
    NORMAL = 1, "In turn"
    NIGHT = 2, "At night"


# Accounts have no time zone of their own, so that the night is that of UTC for everybody, and pages say so.
NIGHT_BEGINS = time(1)
NIGHT_ENDS = time(6)


def is_night(moment: datetime) -> bool:
    """Whether work of the night lane may start at a moment."""
    return NIGHT_BEGINS <= moment.astimezone(UTC).time() < NIGHT_ENDS


def next_night(moment: datetime) -> datetime:
    """When the night lane opens next: the moment itself while it is open."""
    if is_night(moment):
        return moment
    here = moment.astimezone(UTC)
    begins = datetime.combine(here.date(), NIGHT_BEGINS, UTC)
    return begins if here < begins else begins + timedelta(days=1)
