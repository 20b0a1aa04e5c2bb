"""Asking for clips: a stretch of a download becomes a download of its own that is linked to it."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from downloads.choices import Format, Kind, State
from downloads.models import Download
from downloads.room import check_room
from kapture.audit.services import record
from kapture.core.crash import crashpoint
from kapture.core.errors import Conflict, InvalidInput, NotFound
from kapture.core.ids import new_id
from kapture.core.locks import Lock, wait_for
from kapture.gateways.media.types import GIF_SECONDS
from kapture.jobs import services as jobs
from kapture.jobs.models import ACTIVE, Job
from kapture.objects.models import StoredObject

# The kind of the jobs that cut.
CLIP_KIND = "downloads.clip"
LONGEST = 600.0
SHORTEST = 0.2
# Cutting costs no units but work of this machine, so nobody may pile it up.
MAX_WAITING = 10
KINDS = {Format.MP4: Kind.VIDEO, Format.GIF: Kind.VIDEO, Format.MP3: Kind.AUDIO}


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """From and to in seconds, and the format; raises `InvalidInput` for a stretch that no clip can have."""

    start: float
    end: float
    format: Format = Format.MP4

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", round(self.start, 3))
        object.__setattr__(self, "end", round(self.end, 3))
        if self.format not in KINDS:
            raise InvalidInput({"format": [f"Choose one of {', '.join(KINDS)}."]})
        if not 0 <= self.start < self.end:
            raise InvalidInput({"end": ["A clip ends after it starts."]})
        longest = GIF_SECONDS if self.format is Format.GIF else LONGEST
        if not SHORTEST <= self.end - self.start <= longest:
            most = "30 seconds" if self.format is Format.GIF else "10 minutes"
            raise InvalidInput({"end": [f"A clip as {self.format.label} lasts at most {most}, and at least 0.2 s."]})


def formats_for(download: Download) -> tuple[Format, ...]:
    """What can be cut from a download; nothing from a still picture, an animated one or one whose file is gone."""
    if download.state != State.COMPLETED or download.media_id is None or not download.duration_s:
        return ()
    if download.player == "audio":
        return (Format.MP3,)
    return (Format.MP4, Format.GIF, *((Format.MP3,) if download.audio_codec else ()))


def request_clip(user: Any, parent: Download, spec: ClipSpec) -> Download:
    """Accept a clip of a finished download; free of charge. Raises `InvalidInput` and `Conflict`."""
    check_room(user)
    with transaction.atomic():
        _check_queue(user)
        parent = _locked(user, parent)
        spec = _fitted(parent, spec)
        download = _row(user, parent, spec)
        start_clip(user, download)
        download.save(force_insert=True)
        record(user, "downloads.clip_requested", download, parent=str(parent.pk), start=spec.start, end=spec.end)
    crashpoint("downloads.clip_requested")
    return download


def _locked(user: Any, parent: Download) -> Download:
    """The download to cut, which nobody deletes meanwhile; raises `NotFound` and `Conflict`."""
    rows = Download.objects.for_user(user).select_for_update(of=("self",)).select_related("media")
    row: Download | None = rows.filter(pk=parent.pk).first()
    if row is None:
        raise NotFound
    if row.media is None or row.media.state != StoredObject.State.LIVE:
        raise Conflict("There is no file to cut.")
    return row


def _check_queue(user: Any) -> None:
    wait_for(Lock.CLIPS, user)
    if Job.objects.for_user(user).filter(kind=CLIP_KIND, state__in=ACTIVE).count() >= MAX_WAITING:
        raise Conflict(f"{MAX_WAITING} clips are being made. Wait for one of them to end.")


def _fitted(parent: Download, spec: ClipSpec) -> ClipSpec:
    """The wish within the length of the file; raises `InvalidInput` for what is not in it."""
    possible = formats_for(parent)
    if spec.format not in possible:
        said = f"Choose one of {', '.join(possible)}." if possible else "Nothing can be cut from this."
        raise InvalidInput({"format": [said]})
    length = parent.duration_s or 0.0
    if spec.start > length - SHORTEST:
        raise InvalidInput({"start": [f"The file ends at {length:.1f} s."]})
    return ClipSpec(spec.start, min(spec.end, length), spec.format)


def _row(user: Any, parent: Download, spec: ClipSpec) -> Download:
    kind = KINDS[spec.format]
    return Download(
        owner=user,
        parent=parent,
        trend_id=parent.trend_id,
        clip_start_s=spec.start,
        clip_end_s=spec.end,
        url=parent.url,
        webpage_url=parent.webpage_url,
        poster_url=parent.poster_url,
        platform=parent.platform,
        title=f"{parent.headline[:450]} ({clock(spec.start)}–{clock(spec.end)})",
        author=parent.author,
        duration_s=spec.end - spec.start,
        kind=kind,
        convert_to=spec.format,
    )


def start_clip(user: Any, download: Download) -> None:
    """Queue the job of a clip in the caller's transaction; nothing is held for it."""
    payload = {"start": download.clip_start_s, "end": download.clip_end_s}
    download.job = jobs.enqueue(
        user, CLIP_KIND, payload, job_id=new_id(), title=download.headline, subject_id=download.pk
    )


def clock(seconds: float) -> str:
    """A moment as players show it: 1:05, 1:02:03, and with a tenth where it is not whole."""
    tenths = round(seconds * 10)
    whole, tenth = divmod(tenths, 10)
    hours, minutes, left = whole // 3600, whole // 60 % 60, whole % 60
    text = f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
    return f"{text}.{tenth}" if tenth else text


def moment(text: str) -> float:
    """Seconds of what somebody typed: 83.5, 1:23.5 or 1:02:03; raises `ValueError` for anything else."""
    parts = text.strip().replace(",", ".").split(":")
    if not 1 <= len(parts) <= 3 or not all(part and part.isascii() and len(part) <= 8 for part in parts):
        raise ValueError(text)
    seconds = float(parts[-1])
    numbers = [int(part) for part in parts[:-1]]
    if not 0 <= seconds < 1e7 or (numbers and seconds >= 60) or any(not 0 <= one < 10_000 for one in numbers):
        raise ValueError(text)
    for weight, number in zip((60, 3600), reversed(numbers), strict=False):
        seconds += weight * number
    return seconds
