"""What becomes of a finished file, fetched or cut: stored with all that belongs to it, ended together with its job."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Now

from downloads import evidence
from downloads.choices import State
from downloads.models import Caption, Download
from downloads.room import check_fits, take_room
from kapture.core.crash import crashpoint
from kapture.gateways.media import captions
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import CaptionFile, Facts, Fetched, Progress
from kapture.jobs.errors import JobFailed, JobStopped
from kapture.jobs.run import Run
from kapture.objects import services as objects
from kapture.objects.models import StoredObject

# Share of the bar that is left for storing the file.
FETCHED = 0.97


@dataclass(slots=True)
class Kept:
    """The rows of what was stored so far; nothing of it counts before the end of the job."""

    media: StoredObject | None = None
    thumbnail: StoredObject | None = None
    captions: list[tuple[CaptionFile, StoredObject]] | None = None

    @property
    def rows(self) -> list[StoredObject]:
        """All of them, each once: two languages may have one and the same file."""
        found = [self.media, self.thumbnail, *(row for _, row in self.captions or ())]
        return list({row.pk: row for row in found if row is not None}.values())


def reporter(run: Run) -> Callable[[Progress], None]:
    """What shows the progress of an engine as that of the job."""

    def report(now: Progress) -> None:
        fraction = None if now.fraction is None else now.fraction * FETCHED
        known = {"bytes": now.size, "total": now.total, "speed": now.speed, "eta": now.eta}
        run.report(fraction, now.stage.value, **{name: value for name, value in known.items() if value is not None})

    return report


def named(run: Run, failure: FetchFailed) -> JobFailed:
    """The end of the job for a failure of the engine; raises `JobStopped` when it was the job that was stopped."""
    if failure.reason == Reason.CANCELLED:
        run.check()
    return JobFailed(failure.reason, failure.message, remedy=failure.remedy, retryable=failure.retryable)


def keep(run: Run, download: Download, fetched: Fetched, *, units: int) -> None:
    """Store all files and end the job with the download, all or nothing, for so many units."""
    kept = Kept()
    try:
        _store(run, download, fetched, kept)
        crashpoint("downloads.stored")
        _finish(run, download, fetched, kept, units)
    except (JobStopped, JobFailed):
        # Ended elsewhere meanwhile, or there is no room for it: nobody will ask for these files.
        for row in kept.rows:
            objects.discard(row)
        raise


def _store(run: Run, download: Download, fetched: Fetched, kept: Kept) -> None:
    run.report(FETCHED, "Storing")
    facts, owner, job = fetched.facts, download.owner_id, run.job
    check_fits(download.owner, facts.size)
    kept.media = objects.store(
        owner,
        fetched.path,
        suffix=facts.suffix,
        content_type=facts.content_type,
        job=job,
        # Who cancels need not wait until a long file is over.
        told=lambda _: run.check(),
    )
    crashpoint("downloads.media_stored")
    if fetched.thumbnail is not None:
        kept.thumbnail = objects.store(owner, fetched.thumbnail, suffix=".webp", content_type="image/webp", job=job)
    kept.captions = [
        (one, objects.store(owner, one.path, suffix=".vtt", content_type="text/vtt", job=job))
        for one in fetched.captions
    ]


def _finish(run: Run, download: Download, fetched: Fetched, kept: Kept, units: int) -> None:
    facts, about = fetched.facts, fetched.about
    result = {"downloadId": str(download.pk), "size": facts.size, "sha256": facts.sha256}
    chapters = [[one.title, one.start, one.end] for one in about.chapters]
    with run.finish(result, units=units):
        take_room(download.owner, kept.rows)
        for row in kept.rows:
            objects.promote(row)
        Download.objects.filter(pk=download.pk).update(
            state=State.COMPLETED,
            reason="",
            completed_at=Now(),
            updated_at=Now(),
            media=kept.media,
            thumbnail=kept.thumbnail,
            chapters=chapters,
            **_columns(facts),
        )
        Caption.objects.bulk_create(_caption(download, one, row) for one, row in kept.captions or ())
        if not download.is_clip:
            evidence.capture(download, about, facts.sha256)


def _columns(facts: Facts) -> dict[str, Any]:
    """The facts of the file under the names of the row."""
    names = ("width", "height", "container", "content_type", "video_codec", "audio_codec", "size", "sha256")
    return {"duration_s": facts.duration, **{name: getattr(facts, name) for name in names}}


def _caption(download: Download, one: CaptionFile, row: StoredObject) -> Caption:
    cues = captions.parse(one.path.read_bytes(), "vtt")
    return Caption(
        owner_id=download.owner_id,
        download=download,
        language=one.language,
        automatic=one.automatic,
        file=row,
        cues=[list(cue) for cue in cues],
        text=captions.as_text(cues),
    )
