"""Numbers, sizes and times as people read them; every function is pure."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

MISSING = "–"
COUNTS = ("", "K", "M", "B", "T")
SIZES = ("B", "kB", "MB", "GB", "TB", "PB")


def _three_digits(value: float) -> str:
    """`value` with at most one decimal, none from 100 on, and never a trailing `.0`."""
    text = f"{value:.0f}" if value >= 99.95 else f"{value:.1f}"
    return text.removesuffix(".0")


def compact(number: float | None) -> str:
    """A count in at most four characters and a unit: 950, 9.2K, 612K, 4.2M; a dash for None."""
    if number is None:
        return MISSING
    value, index = abs(float(number)), 0
    # 999,950 would read "1000K"; from 999.5 on the next unit is the honest one.
    while value >= 999.5 and index < len(COUNTS) - 1:
        value, index = value / 1000, index + 1
    return f"{'-' if number < 0 else ''}{_three_digits(value)}{COUNTS[index]}"


def grouped(number: float | None) -> str:
    """A count with thousands separated: 1,284; a dash for None."""
    return MISSING if number is None else f"{number:,}"


def duration(seconds: float | None) -> str:
    """Seconds as a clock: 0:34, 12:47, 1:01:01; a dash for None or a negative value."""
    if seconds is None or seconds < 0 or not math.isfinite(seconds):
        return MISSING
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def filesize_si(count: float | None) -> str:
    """Bytes in powers of 1000: 512 B, 31 MB, 41.2 GB; a dash for None."""
    if count is None:
        return MISSING
    value, index = float(count), 0
    while value >= 999.5 and index < len(SIZES) - 1:
        value, index = value / 1000, index + 1
    return f"{value:.0f} B" if index == 0 else f"{_three_digits(value)} {SIZES[index]}"


def filesize_of(part: float, whole: float) -> str:
    """Two sizes with what unit they share said once: 79 of 118 MB, 512 kB of 1.2 MB."""
    some, every = filesize_si(part), filesize_si(whole)
    unit = f" {every.rpartition(' ')[2]}"
    return f"{some.removesuffix(unit)} of {every}"


def _span(delta: timedelta) -> str:
    """The largest whole unit of a positive span up to four weeks."""
    minutes = int(delta.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h"
    days = minutes // (24 * 60)
    return "1 day" if days == 1 else f"{days} days"


def day(moment: datetime, now: datetime | None = None) -> str:
    """A date without noise: 22 Oct, with the year when it is not this one."""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    return f"{local.day} {local:%b}" if local.year == today.year else f"{local.day} {local:%b %Y}"


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """How long ago something was: just now, 38 min ago, 14 h ago, yesterday, 3 days ago, 22 Oct; a dash for None."""
    if moment is None:
        return MISSING
    now = now or timezone.now()
    delta = now - moment
    if delta < timedelta(seconds=60):
        return "just now" if delta > timedelta(seconds=-60) else until(moment, now)
    if delta < timedelta(days=1):
        return f"{_span(delta)} ago"
    if delta < timedelta(days=2):
        return "yesterday"
    return f"{_span(delta)} ago" if delta < timedelta(days=28) else day(moment, now)


def until(moment: datetime | None, now: datetime | None = None) -> str:
    """How far away something is (days to the nearest): in 11 days, on 22 Oct; `now` for the past, else a dash."""
    if moment is None:
        return MISSING
    now = now or timezone.now()
    delta = moment - now
    if delta <= timedelta(0):
        return "now"
    if delta >= timedelta(days=1):
        # To the nearest: somebody with 9 days and 18 hours left has about 10.
        delta = timedelta(days=(delta + timedelta(hours=12)).days)
    return f"in {_span(delta)}" if delta < timedelta(days=28) else f"on {day(moment, now)}"


def initials(name: str) -> str:
    """Up to two capitals that stand for a person: AR for Ana Reyes."""
    words: Sequence[str] = [word for word in name.replace("@", " ").replace(".", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"
