"""The work of a clip: bring the file it is cut from, cut it, and end together with the job like any download."""

import hashlib
import logging
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from downloads.capturing import keep, named, reporter
from downloads.models import Caption, Download
from kapture.core.crash import crashpoint
from kapture.gateways.media import captions, clip, engine
from kapture.gateways.media.captions import Cue
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import CaptionFile, CutRequest, Fetched, Limits, MediaKind, Target
from kapture.gateways.storage import door
from kapture.jobs.errors import JobFailed
from kapture.jobs.run import Run
from kapture.jobs.scratch import scratch_of
from kapture.objects.models import StoredObject

# Ten minutes of film take a slow machine about as long.
SECONDS = 1200.0
GONE = "The file this is a clip of is not kept any more."
logger = logging.getLogger(__name__)


def perform_clip(run: Run) -> None:
    """Cut and store one clip; it costs nothing, since its media was paid for when it came."""
    download = Download.objects.filter(job_id=run.job.pk).select_related("parent__media").first()
    if download is None:
        raise JobFailed("gone", "This clip no longer exists.")
    stored = download.parent.media if download.parent else None
    if stored is None or stored.state != StoredObject.State.LIVE:
        raise JobFailed("source_gone", GONE, remedy="Download the original again, then cut it.")
    with scratch_of(run.job) as scratch:
        crashpoint("downloads.before_clip")
        limits = replace(engine.limits(), max_seconds=SECONDS)
        _bring(run, stored, scratch / clip.SOURCE, limits)
        crashpoint("downloads.brought")
        cut = _cut(run, download, scratch, limits)
        crashpoint("downloads.clipped")
        run.check()
        keep(run, download, cut, units=0)


def _bring(run: Run, stored: StoredObject, into: Path, limits: Limits) -> None:
    """Copy the source from the store; raises `JobFailed` when there is no room for it or it is another file."""
    run.report(0.0, "Bringing the original")
    if shutil.disk_usage(into.parent).free < stored.size + limits.free_space:
        raise named(run, FetchFailed(Reason.NO_SPACE))
    found = hashlib.sha256()
    with into.open("wb") as file:
        for piece in door().pieces(stored.key):
            run.check()
            found.update(piece)
            file.write(piece)
    if found.hexdigest() != stored.sha256:
        logger.error("stored object %s has another checksum than its row", stored.pk)
        raise JobFailed("source_damaged", "The stored file is not the one that was captured.")


def _cut(run: Run, download: Download, scratch: Path, limits: Limits) -> Fetched:
    start, end = download.clip_start_s or 0.0, download.clip_end_s or 0.0
    request = CutRequest(start, end, MediaKind(download.kind), Target(download.convert_to), limits)
    try:
        cut = clip.cut(request, scratch=scratch, on_progress=reporter(run), stopped=run.stopped.is_set)
    except FetchFailed as failure:
        raise named(run, failure) from failure
    rows = Caption.objects.filter(download=download.parent)
    return replace(cut, captions=tuple(_captions(rows, start, end, scratch)))


def _captions(rows: Iterable[Caption], start: float, end: float, scratch: Path) -> Iterable[CaptionFile]:
    """The captions of the piece, counted from its beginning; a language that says nothing in it is left out."""
    for number, row in enumerate(rows):
        cues = captions.within((Cue(*cue) for cue in row.cues), start, end)
        if cues:
            path = scratch / f"captions-{number}.vtt"
            path.write_text(captions.as_vtt(cues), "utf-8")
            yield CaptionFile(row.language, row.automatic, path)
