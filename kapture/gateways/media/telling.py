"""What a site says about media, cleaned and bounded: only text, numbers and times that a row and a page can hold."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kapture.gateways.media.types import Chapter

LINE = 500
PASSAGE = 20_000
MAX_CHAPTERS = 200
MAX_TAGS = 50
# Counters by the name they have here.
COUNTERS = {
    "views": "view_count",
    "likes": "like_count",
    "dislikes": "dislike_count",
    "comments": "comment_count",
    "shares": "repost_count",
    "saves": "save_count",
    "followers": "channel_follower_count",
}
_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
# Marks that turn the direction of the text after them; those that shape letters and emoji stay.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def line(value: object) -> str:
    """One line of text: no NUL, no lone surrogates, no control characters, at most 500 characters."""
    text = _encodable(value)
    return "".join(char for char in text if char.isprintable() or char == " ")[:LINE].strip()


def passage(value: object) -> str:
    """Text of several lines, with its line breaks, at most 20,000 characters."""
    text = _TURNING.sub("", _encodable(value)[: 4 * PASSAGE]).replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(char for char in text if char in "\n\t" or ord(char) >= 0xA0 or " " <= char <= "~")
    return kept[:PASSAGE].strip()


def _encodable(value: object) -> str:
    return str(value or "").encode("utf-8", "ignore").decode("utf-8")


def positive(value: object) -> float | None:
    """A number above zero; None for everything else, however it is written."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < 1e15 else None


def whole(value: object) -> int | None:
    """A whole number above zero, or None."""
    number = positive(value)
    return int(number) if number is not None else None


def published(info: Mapping[str, Any]) -> float | None:
    """When it came out, in seconds since 1970: to the second where the site tells it, else the beginning of its day."""
    for name in ("timestamp", "release_timestamp"):
        seconds = positive(info.get(name))
        if seconds is not None and seconds < _LATEST:
            return seconds
    try:
        day = datetime.strptime(str(info.get("upload_date") or ""), "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return day.timestamp() if 0 < day.timestamp() < _LATEST else None


def metrics(info: Mapping[str, Any]) -> dict[str, int]:
    """The counters that the site tells; zero is a figure, and what is not told is left out."""
    told = {name: info.get(key) for name, key in COUNTERS.items()}
    found = {name: 0 if value == 0 else whole(value) for name, value in told.items()}
    return {name: value for name, value in found.items() if value is not None}


def chapters(info: Mapping[str, Any]) -> tuple[Chapter, ...]:
    """The chapters in order, each with a name and a length."""
    told = info.get("chapters")
    found = []
    listed = told[:MAX_CHAPTERS] if isinstance(told, list) else []
    for one in (chapter for chapter in listed if isinstance(chapter, dict)):
        start = 0.0 if one.get("start_time") == 0 else positive(one.get("start_time"))
        end, title = positive(one.get("end_time")), line(one.get("title"))
        if start is not None and end is not None and start < end and title:
            found.append(Chapter(title, start, end))
    return tuple(sorted(found, key=lambda chapter: chapter.start))


def tags(info: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags, each once."""
    told = info.get("tags")
    names = [line(one)[:100] for one in told[: 4 * MAX_TAGS]] if isinstance(told, list | tuple) else []
    return tuple(dict.fromkeys(filter(None, names)))[:MAX_TAGS]
