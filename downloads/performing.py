"""The work of a download: fetch into a folder of its own, store, and end together with the job."""

import logging
import shutil
import time
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now

from downloads.choices import State
from downloads.models import Download
from kapture.core.crash import crashpoint
from kapture.gateways.media import engine
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import About, Fetched, FetchRequest, MediaKind, Progress, Quality, Target
from kapture.jobs.errors import JobFailed, JobStopped
from kapture.jobs.models import Job
from kapture.jobs.models import State as JobState
from kapture.jobs.run import Run
from kapture.jobs.scratch import scratch_of
from kapture.objects import services as objects
from kapture.objects.models import StoredObject

# Share of the bar that is left for storing the file.
FETCHED = 0.97
PREVIEW_LEFTOVER_SECONDS = 600.0

logger = logging.getLogger(__name__)


def perform_download(run: Run) -> None:
    """Fetch and store the media of one download; charges one unit when, and only when, the file is there."""
    download = Download.objects.filter(job_id=run.job.pk).first()
    if download is None:
        raise JobFailed("gone", "This download no longer exists.")
    sweep_scratch()
    with scratch_of(run.job) as scratch:
        crashpoint("downloads.before_fetch")
        fetched = _fetch(run, download, scratch)
        crashpoint("downloads.fetched")
        run.check()
        stored: list[StoredObject] = []
        try:
            _store(run, download, fetched, stored)
            crashpoint("downloads.stored")
            _finish(run, download, fetched, stored)
        except JobStopped:
            # Ended elsewhere meanwhile: nobody will ask for these files.
            for row in stored:
                objects.discard(row)
            raise


def _fetch(run: Run, download: Download, scratch: Path) -> Fetched:
    request = FetchRequest(
        url=download.url,
        kind=MediaKind(download.kind),
        quality=Quality(download.quality),
        target=Target(download.convert_to),
        limits=engine.limits(),
        allow=engine.allowed(),
    )

    def progress(now: Progress) -> None:
        fraction = None if now.fraction is None else now.fraction * FETCHED
        known = {"bytes": now.size, "total": now.total, "speed": now.speed, "eta": now.eta}
        run.report(fraction, now.stage.value, **{name: value for name, value in known.items() if value is not None})

    def about(told: About) -> None:
        _introduce(run, download, told)

    try:
        return engine.fetch(request, scratch=scratch, on_progress=progress, stopped=run.stopped.is_set, on_about=about)
    except FetchFailed as failure:
        if failure.reason == Reason.CANCELLED:
            run.check()
        raise JobFailed(
            failure.reason, failure.message, remedy=failure.remedy, retryable=failure.retryable
        ) from failure


def _introduce(run: Run, download: Download, about: About) -> None:
    """Show what the site tells as soon as it is known; what a trend told before stands."""
    download.title = download.title or about.title
    download.author = download.author or about.author
    download.webpage_url = download.webpage_url or about.webpage_url
    download.poster_url = download.poster_url or about.poster_url
    download.duration_s = about.duration or download.duration_s
    with run.step():
        download.save(update_fields=["title", "author", "webpage_url", "poster_url", "duration_s", "updated_at"])


def _store(run: Run, download: Download, fetched: Fetched, stored: list[StoredObject]) -> None:
    run.report(FETCHED, "Storing")
    facts = fetched.facts
    stored.append(
        objects.store(
            download.owner_id, fetched.path, suffix=facts.suffix, content_type=facts.content_type, job=run.job
        )
    )
    crashpoint("downloads.media_stored")
    if fetched.thumbnail is not None:
        stored.append(
            objects.store(download.owner_id, fetched.thumbnail, suffix=".webp", content_type="image/webp", job=run.job)
        )


def _finish(run: Run, download: Download, fetched: Fetched, stored: list[StoredObject]) -> None:
    facts = fetched.facts
    media, thumbnail = stored[0], stored[1] if len(stored) > 1 else None
    result = {"downloadId": str(download.pk), "size": facts.size, "sha256": facts.sha256}
    with run.finish(result, units=1):
        for row in stored:
            objects.promote(row)
        Download.objects.filter(pk=download.pk).update(
            state=State.COMPLETED,
            completed_at=Now(),
            updated_at=Now(),
            duration_s=facts.duration,
            width=facts.width,
            height=facts.height,
            container=facts.container,
            content_type=facts.content_type,
            video_codec=facts.video_codec,
            audio_codec=facts.audio_codec,
            size=facts.size,
            sha256=facts.sha256,
            media=media,
            thumbnail=thumbnail,
        )


def abandon_download(job: Job) -> None:
    """Let the download end as its job did, in the same transaction."""
    state = State.CANCELLED if job.state == JobState.CANCELLED else State.FAILED
    Download.objects.filter(job_id=job.pk, state=State.ACTIVE).update(state=state, updated_at=Now())


def sweep_scratch() -> int:
    """Remove working folders whose attempt is over (a machine that stopped leaves them); returns how many."""
    root = Path(settings.SCRATCH)
    if not root.is_dir():
        return 0
    attempts = {folder: _attempt(folder.name) for folder in root.iterdir() if folder.is_dir()}
    ids = [attempt[0] for attempt in attempts.values() if attempt]
    running = set(Job.objects.filter(pk__in=ids, state=JobState.RUNNING).values_list("pk", "fence"))
    removed = 0
    for folder, attempt in attempts.items():
        if attempt in running or (attempt is None and not _is_old(folder)):
            continue
        shutil.rmtree(folder, ignore_errors=True)
        removed += 1
    return removed


def _attempt(name: str) -> tuple[UUID, int] | None:
    job_id, _, fence = name.rpartition("-")
    try:
        return UUID(job_id), int(fence)
    except ValueError:
        return None


def _is_old(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime > PREVIEW_LEFTOVER_SECONDS
    except FileNotFoundError:
        return False
