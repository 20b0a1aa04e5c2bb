"""Everything the page of one download shows, read with a number of queries that does not grow."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from downloads import captions
from downloads.captions import Transcript
from downloads.choices import Format, State
from downloads.clipping import clock, formats_for
from downloads.evidence import Verdict, evidence_of, verify
from downloads.models import Caption, Download, Evidence
from downloads.queries import twin_of
from downloads.retention import expires_at
from kapture.core.errors import NotFound
from kapture.gateways.media.telling import COUNTERS
from kapture.jobs.models import Job
from kapture.objects.models import StoredObject

CLIPS = 50


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter as the page lists it."""

    title: str
    start: float


@dataclass(frozen=True, slots=True)
class MediaPage:
    """One download with what came with it, and what of its transcript is asked for."""

    download: Download
    job: Job
    twin: Download | None
    captions: list[Caption]
    transcript: Transcript | None
    evidence: Evidence | None
    verdict: Verdict | None
    clips: list[Download]
    parent: Download | None
    goes_at: datetime | None

    @classmethod
    def read(cls, request: HttpRequest, download: Download) -> "MediaPage":
        """The page of a download with what the query string asks for: language, find, part, verify."""
        rows = captions.captions_of(download)
        sealed = _evidence(download)
        clips = Download.objects.for_user(request.user).filter(parent=download).select_related("job", "thumbnail")
        parent = Download.objects.for_user(request.user).filter(pk=download.parent_id) if download.parent_id else None
        return cls(
            download=download,
            job=download.job,
            twin=twin_of(request.user, download),
            captions=rows,
            transcript=transcript_of(request, download, rows),
            evidence=sealed,
            verdict=verify(sealed) if sealed and "verify" in request.GET else None,
            clips=list(clips.defer("search").order_by("-created_at", "-id")[:CLIPS]),
            parent=parent.defer("search").first() if parent is not None else None,
            goes_at=expires_at(request.user, download),
        )

    @property
    def formats(self) -> list[tuple[str, str]]:
        """What a clip of it may be, as choices."""
        return [(one.value, Format(one).label) for one in formats_for(self.download)]

    @property
    def chapters(self) -> list[Chapter]:
        """The chapters, as far as the file reaches."""
        length = self.download.duration_s or 0.0
        return [Chapter(str(title), float(start)) for title, start, _ in self.download.chapters if start < length]

    @property
    def metrics(self) -> list[tuple[str, int]]:
        """The counters of the evidence by name, the one that people look for first."""
        told = self.evidence.metrics if self.evidence else {}
        return [(name, told[name]) for name in COUNTERS if name in told]

    @property
    def has_file(self) -> bool:
        """Whether its media can be played."""
        media = self.download.media
        return media is not None and media.state == StoredObject.State.LIVE

    @property
    def is_silent(self) -> bool:
        """Whether it is a film or a sound that came without captions, which is worth a word."""
        return self.download.state == State.COMPLETED and self.download.player != "image" and not self.captions

    @property
    def stretch(self) -> str:
        """From where to where a clip reaches in what it was cut from."""
        if not self.download.is_clip:
            return ""
        return f"{clock(self.download.clip_start_s or 0.0)}–{clock(self.download.clip_end_s or 0.0)}"


def transcript_of(request: HttpRequest, download: Download, rows: list[Caption]) -> Transcript | None:
    """The part of the transcript that a query string asks for; None when there are no captions."""
    row = captions.chosen(rows, request.GET.get("language", ""))
    if row is None:
        return None
    part = request.GET.get("part", "")
    number = int(part) if part.isascii() and part.isdigit() and len(part) < 6 else 1
    # `captions_of` left the lines of all languages out; this reads those of one.
    return captions.transcript(captions.caption_of(download, row.pk), request.GET.get("find", ""), number)


def _evidence(download: Download) -> Evidence | None:
    try:
        return evidence_of(download)
    except NotFound:
        return None


def wanted_lines(values: Any) -> list[int]:
    """The numbers of ticked lines; what is no number is left out."""
    return [int(one) for one in values if one.isascii() and one.isdigit() and len(one) < 6]
