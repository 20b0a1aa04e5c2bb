"""Captions as lines of plain text with their times: read from what sites hand out, written for players and people."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

MAX_CUES = 20_000
MAX_LINE = 500
# PostgreSQL indexes at most 1 MB of distinct words of one text; within this many bytes no text has more.
MAX_TEXT = 400_000
MAX_SECONDS = 30 * 24 * 3600.0
# The formats that are read, the ones that lose least first.
FORMATS = ("json3", "vtt", "srt")

_TIMES = re.compile(
    r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
)
_TAG = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,100}\}")
_WORD_TIME = re.compile(r"<\d{1,3}:\d\d(?::\d\d)?\.\d{3}>")
# Controls, halves of characters, and the marks that turn the direction of what follows.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")


class Cue(NamedTuple):
    """One line: from and to in seconds, and what is said."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class _Draft:
    start: float
    end: float
    lines: tuple[str, ...]


def parse(body: bytes, form: str) -> list[Cue]:
    """The lines of a caption file in order, cleaned and bounded; raises `ValueError` when it is none of that format."""
    text = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    if form == "json3":
        return bounded(_of_json(text))
    if form not in FORMATS or not _TIMES.search(text):
        raise ValueError(f"no {form} captions")
    drafts = _blocks(text)
    return bounded(_unrolled(drafts) if _WORD_TIME.search(text) else _joined(drafts))


def _blocks(text: str) -> Iterator[_Draft]:
    """Times with the lines below them, up to the next empty line; everything else in the file is not spoken."""
    times: re.Match[str] | None = None
    lines: list[str] = []
    for line in (*re.split(r"\r\n|\r|\n", text), ""):
        found = _TIMES.search(line) if "-->" in line else None
        if times is not None and (found or not line.strip()):
            yield _Draft(_seconds(times, 1), _seconds(times, 5), tuple(lines))
            times, lines = None, []
        if found:
            times = found
        elif times is not None:
            lines.append(line)


def _seconds(times: re.Match[str], first: int) -> float:
    hours, minutes, seconds, fraction = (times[first + index] or "0" for index in range(4))
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _joined(drafts: Iterable[_Draft]) -> Iterator[Cue]:
    for one in drafts:
        yield Cue(one.start, one.end, " ".join(one.lines))


def _unrolled(drafts: Iterable[_Draft]) -> Iterator[Cue]:
    """Machine captions roll: each block shows the line before it again, and only what is new counts."""
    shown: tuple[str, ...] = ()
    for one in drafts:
        lines = tuple(filter(None, (clean(line) for line in one.lines)))
        fresh = lines
        while fresh and fresh[0] in shown:
            fresh = fresh[1:]
        shown = lines or shown
        if fresh:
            yield Cue(one.start, one.end, " ".join(fresh))


def _of_json(text: str) -> Iterator[Cue]:
    """YouTube's json3: events with their parts; one that only appends a line break says nothing."""
    try:
        values: Any = json.loads(text)
        events = [one for one in values["events"] if isinstance(one, dict) and one.get("segs")]
        told = [
            (float(one["tStartMs"]) / 1000, float(one.get("dDurationMs", 0)) / 1000, _parts(one["segs"]))
            for one in events
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("no json3 captions") from error
    spoken = [one for one in told if one[2].strip()]
    for index, (start, length, said) in enumerate(spoken):
        following = spoken[index + 1][0] if index + 1 < len(spoken) else start + length
        yield Cue(start, min(start + length, max(following, start)), said)


def _parts(segments: Sequence[Any]) -> str:
    return "".join(str(one.get("utf8", "")) for one in segments)


def clean(text: str) -> str:
    """Plain text of a line: no markup, no entities, no controls, one space between words, bounded."""
    bare = html.unescape(_TAG.sub("", text[: 8 * MAX_LINE]))
    # What was escaped may be markup again; it stays text, but never with controls in it.
    return " ".join(_UNSAFE.sub(" ", bare).split())[:MAX_LINE]


def bounded(cues: Iterable[Cue]) -> list[Cue]:
    """Lines with sensible times and words, in order, as many as a row and its index can hold."""
    kept: list[Cue] = []
    room = MAX_TEXT
    for cue in cues:
        text = clean(cue.text)
        if not text or not 0 <= cue.start < cue.end <= MAX_SECONDS:
            continue
        room -= len(text.encode()) + 1
        if room < 0 or len(kept) == MAX_CUES:
            break
        kept.append(Cue(round(cue.start, 3), round(cue.end, 3), text))
    kept.sort(key=lambda cue: cue.start)
    return kept


def within(cues: Iterable[Cue], start: float, end: float) -> list[Cue]:
    """The lines of a stretch, with times that count from its beginning."""
    cut = (Cue(max(one.start, start) - start, min(one.end, end) - start, one.text) for one in cues)
    return [Cue(round(one.start, 3), round(one.end, 3), one.text) for one in cut if one.end - one.start > 0.05]


def as_vtt(cues: Iterable[Cue]) -> str:
    """WebVTT, as players read it."""
    blocks = (f"{_stamp(one.start)} --> {_stamp(one.end)}\n{html.escape(one.text, quote=False)}\n" for one in cues)
    return "\n".join(("WEBVTT\n", *blocks))


def as_srt(cues: Iterable[Cue]) -> str:
    """SubRip, as editors read it."""
    blocks = (
        f"{number}\n{_stamp(one.start, ',')} --> {_stamp(one.end, ',')}\n{one.text}\n"
        for number, one in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def as_text(cues: Iterable[Cue]) -> str:
    """Only the words, one line each."""
    return "".join(f"{one.text}\n" for one in cues)


def _stamp(seconds: float, point: str = ".") -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"
