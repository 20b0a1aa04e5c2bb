"""The work of a download: fetch into a folder of its own, store, and end together with the job."""

import logging
import shutil
import time
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now

from downloads.capturing import keep, named, reporter
from downloads.choices import Kind, State
from downloads.models import Download
from kapture.core.crash import crashpoint
from kapture.gateways.media import engine, switch
from kapture.gateways.media.reasons import FetchFailed
from kapture.gateways.media.types import About, Fetched, FetchRequest, MediaKind, Quality, Target
from kapture.jobs.errors import JobFailed
from kapture.jobs.models import Job
from kapture.jobs.models import State as JobState
from kapture.jobs.run import Run
from kapture.jobs.scratch import scratch_of

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
        keep(run, download, fetched, units=1)


def _fetch(run: Run, download: Download, scratch: Path) -> Fetched:
    request = FetchRequest(
        url=download.url,
        kind=MediaKind(download.kind),
        quality=Quality(download.quality),
        target=Target(download.convert_to),
        limits=engine.limits(),
        allow=engine.allowed(),
        subtitles=download.subtitles and download.kind != Kind.IMAGE,
    )

    def about(told: About) -> None:
        _introduce(run, download, told)

    try:
        return switch.fetch(
            request, scratch=scratch, on_progress=reporter(run), stopped=run.stopped.is_set, on_about=about
        )
    except FetchFailed as failure:
        raise named(run, failure) from failure


def _introduce(run: Run, download: Download, about: About) -> None:
    """Show what the site tells as soon as it is known; what a trend told before stands."""
    download.title = download.title or about.title
    download.author = download.author or about.author
    download.webpage_url = download.webpage_url or about.webpage_url
    download.poster_url = download.poster_url or about.poster_url
    download.duration_s = about.duration or download.duration_s
    with run.step():
        download.save(update_fields=["title", "author", "webpage_url", "poster_url", "duration_s", "updated_at"])


def abandon_download(job: Job) -> None:
    """Let the download end as its job did, in the same transaction."""
    state = State.CANCELLED if job.state == JobState.CANCELLED else State.FAILED
    reason = job.error_code if state == State.FAILED else ""
    Download.objects.filter(job_id=job.pk, state=State.ACTIVE).update(state=state, reason=reason, updated_at=Now())


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
