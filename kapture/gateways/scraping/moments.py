"""When a post was published, from the forms actors write it in."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from kapture.gateways.scraping.types import DatePrecision

EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
# Clocks differ, and a premiere is listed before it happens; anything later is a mistake.
LATEST_AHEAD: Final = timedelta(days=2)
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(MONTH_NAMES, 1)}
# Mean lengths of the Gregorian calendar, 365.2425 days a year.
UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30.436875),
    "year": timedelta(days=365.2425),
}
AGO = re.compile(r"(?:[a-z]+ )?([0-9]{1,4}|an?) (second|minute|hour|day|week|month|year)s? ago(?: \([a-z]+\))?")
WORDS = {"just now": timedelta(0), "today": timedelta(0), "yesterday": timedelta(days=1)}
EPOCH = re.compile(r"[0-9]{9,10}(?:\.[0-9]{1,9})?|[0-9]{12,13}")
COMPACT = re.compile(r"((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])")
TWITTER = re.compile(r"[a-z]{3} ([a-z]{3}) ([0-9]{1,2}) ([0-9:]{8}) ([+-][0-9]{4}) ([0-9]{4})")
NAMED = re.compile(r"(?:[a-z]+ )?([a-z]{3})[a-z]*\.? ([0-9]{1,2}), ([0-9]{4})")
DATE_ONLY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ISO_LIKE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[t ][0-9]{2}:[0-9]{2}.*")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC and how well it is known."""

    at: datetime | None
    precision: DatePrecision


UNKNOWN = Moment(None, DatePrecision.UNKNOWN)


def moment(value: object, *, now: datetime) -> Moment:
    """Read ISO 8601, Unix seconds or milliseconds, X's "Sat Dec 06 17:11:22 +0000 2025", "Created Jun 14, 2009",
    "20250611" and "9 years ago" (counted back from `now`); a time without zone is UTC.

    "13.09", a day without a year, and anything before 1995 or more than two days ahead is unknown.
    """
    try:
        found = _read(value, now)
    except (ValueError, OverflowError, OSError):
        return UNKNOWN
    if found is None or found.at is None or not EARLIEST <= found.at <= now + LATEST_AHEAD:
        return UNKNOWN
    return found


def first_moment(values: list[object], *, now: datetime) -> Moment:
    """The first of several values that can be read."""
    return next((found for value in values if (found := moment(value, now=now)).at), UNKNOWN)


def _read(value: object, now: datetime) -> Moment | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _epoch(float(value))
    if not isinstance(value, str) or len(value) > 60:
        return None
    written = " ".join(value.lower().split())
    if EPOCH.fullmatch(written):
        return _epoch(float(written))
    return _iso(written) or _dated(written) or _ago(written, now)


def _epoch(number: float) -> Moment:
    moved = number / 1000 if abs(number) >= 1e11 else number
    return Moment(datetime.fromtimestamp(moved, UTC), DatePrecision.EXACT)


def _iso(written: str) -> Moment | None:
    if DATE_ONLY.fullmatch(written):
        return Moment(datetime.fromisoformat(written).replace(tzinfo=UTC), DatePrecision.DAY)
    if not ISO_LIKE.fullmatch(written):
        return None
    at = datetime.fromisoformat(written.upper())
    return Moment((at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC), DatePrecision.EXACT)


def _dated(written: str) -> Moment | None:
    if tweet := TWITTER.fullmatch(written):
        month, day, clock, zone, year = tweet.groups()
        stamp = f"{year}-{MONTHS[month]:02}-{int(day):02}T{clock}{zone}" if month in MONTHS else ""
        return Moment(datetime.fromisoformat(stamp).astimezone(UTC), DatePrecision.EXACT)
    if named := NAMED.fullmatch(written):
        month, day, year = named.groups()
        if month not in MONTHS:
            return None
        return Moment(datetime(int(year), MONTHS[month], int(day), tzinfo=UTC), DatePrecision.DAY)
    if compact := COMPACT.fullmatch(written):
        year, month, day = compact.groups()
        return Moment(datetime(int(year), int(month), int(day), tzinfo=UTC), DatePrecision.DAY)
    return None


def _ago(written: str, now: datetime) -> Moment | None:
    if written in WORDS:
        return Moment(now - WORDS[written], DatePrecision.RELATIVE)
    found = AGO.fullmatch(written)
    if found is None:
        return None
    amount = 1 if found[1].startswith("a") else int(found[1])
    return Moment(now - amount * UNITS[found[2]], DatePrecision.RELATIVE)
