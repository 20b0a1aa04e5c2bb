"""Billing periods: a subscription that began on the 31st ends its months on their last days, and comes back."""

import calendar
from datetime import UTC, datetime, timedelta

from kapture.sandbox.stripe.store import Obj

DAY = 86_400
_MONTHS = {"month": 1, "year": 12}
_DAYS = {"day": 1, "week": 7}


def period_end(anchor: int, start: int, price: Obj) -> int:
    """The end of the period that begins at `start`, for a billing cycle anchored at `anchor` (Unix seconds)."""
    steps = 1
    while (end := _step(anchor, price, steps)) <= start:
        steps += 1
    return end


def _step(anchor: int, price: Obj, steps: int) -> int:
    recurring = price["recurring"]
    count = steps * int(recurring["interval_count"])
    begun = datetime.fromtimestamp(anchor, UTC)
    if recurring["interval"] in _DAYS:
        return int((begun + timedelta(days=count * _DAYS[recurring["interval"]])).timestamp())
    months = begun.month - 1 + count * _MONTHS[recurring["interval"]]
    year, month = begun.year + months // 12, months % 12 + 1
    day = min(begun.day, calendar.monthrange(year, month)[1])
    return int(begun.replace(year=year, month=month, day=day).timestamp())
