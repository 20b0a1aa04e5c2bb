"""The writers of downloads: asking, retrying, cancelling. The work is in `performing`, what is deleted in `trash`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from billing.services import reserve
from downloads.choices import State
from downloads.clipping import start_clip
from downloads.making import row_of, trends_of
from downloads.models import Download
from downloads.policies import Layers
from downloads.room import check_room
from downloads.specs import JOB_KIND, MAX_BULK, DownloadSpec
from kapture.audit.services import record
from kapture.core.choices import UsageKind
from kapture.core.crash import crashpoint
from kapture.core.errors import Conflict, DomainError, InvalidInput, UsageExceeded
from kapture.core.ids import new_id
from kapture.jobs import services as jobs
from kapture.jobs.lanes import Lane, next_night
from kapture.jobs.models import Job
from trends.models import Trend


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item of several: a download, or the refusal."""

    index: int
    download: Download | None = None
    error: DomainError | None = None


def request_download(user: Any, spec: DownloadSpec) -> Download:
    """Accept one download: quota held, row and job written, all or nothing; raises `UsageExceeded`, `InvalidInput`."""
    check_room(user)
    with transaction.atomic():
        download, lane = row_of(user, spec, trends_of(user, [spec]), Layers.of(user))
        crashpoint("downloads.before_reserve")
        _start(user, download, lane)
        download.save(force_insert=True)
        record(user, "downloads.requested", download, url=download.url, kind=download.kind)
    crashpoint("downloads.requested")
    return download


def request_many(user: Any, specs: Sequence[DownloadSpec | DomainError]) -> list[Outcome]:
    """Accept as many as the quota allows, in order, with an outcome for each; what is accepted is what is held.

    An item that was refused before (bad input) keeps its refusal. Raises `InvalidInput` for none or too many items and
    `UsageExceeded` when not a single one fits.
    """
    if not 1 <= len(specs) <= MAX_BULK:
        raise InvalidInput({"items": [f"From 1 to {MAX_BULK} items; there are {len(specs):,}."]})
    check_room(user)
    with transaction.atomic():
        trends = trends_of(user, [spec for spec in specs if isinstance(spec, DownloadSpec)])
        seen: set[DownloadSpec] = set()
        layers = Layers.of(user)
        outcomes = [_one_of_many(user, index, spec, trends, layers, seen) for index, spec in enumerate(specs)]
        accepted = [one.download for one in outcomes if one.download]
        refused = next((one.error for one in outcomes if isinstance(one.error, UsageExceeded)), None)
        if refused is not None and not accepted:
            raise refused
        Download.objects.bulk_create(accepted)
        record(user, "downloads.requested_many", accepted=len(accepted), refused=len(outcomes) - len(accepted))
    return outcomes


def _one_of_many(
    user: Any,
    index: int,
    spec: DownloadSpec | DomainError,
    trends: dict[Any, Trend],
    layers: Layers,
    seen: set[DownloadSpec],
) -> Outcome:
    if isinstance(spec, DomainError):
        return Outcome(index, error=spec)
    if spec in seen:
        return Outcome(index, error=Conflict("This item is named twice."))
    seen.add(spec)
    try:
        download, lane = row_of(user, spec, trends, layers)
        _start(user, download, lane)
    except (InvalidInput, UsageExceeded) as error:
        return Outcome(index, error=error)
    return Outcome(index, download=download)


def _start(user: Any, download: Download, lane: Lane) -> None:
    """Hold one unit and queue the job of a download, in the caller's transaction; a clip is cut and costs nothing."""
    if download.is_clip:
        start_clip(user, download)
        return
    job_id = new_id()
    reserve(user, UsageKind.DOWNLOAD, 1, source_id=job_id)
    download.job = jobs.enqueue(
        user,
        JOB_KIND,
        {"url": download.url},
        job_id=job_id,
        title=download.headline,
        subject_id=download.pk,
        lane=lane,
        run_after=next_night(timezone.now()) if lane == Lane.NIGHT else None,
    )


def retry_download(actor: Any, download: Download) -> Download:
    """Ask for the same again, for one more unit; raises `Conflict` unless it failed or was cancelled.

    The row stays: its new job takes the place of the old one.
    """
    check_room(actor)
    with transaction.atomic():
        old = download.job_id
        # At night again, if so it was; whoever was put before others has had that.
        _start(actor, download, Lane.NIGHT if download.job.lane == Lane.NIGHT else Lane.NORMAL)
        moved = Download.objects.filter(pk=download.pk, job_id=old, state__in=(State.FAILED, State.CANCELLED)).update(
            job=download.job, state=State.ACTIVE, reason="", updated_at=Now()
        )
        if not moved:
            raise Conflict("Only a failed or cancelled download can be tried again.")
        record(actor, "downloads.retried", download)
    download.state, download.reason = State.ACTIVE, ""
    return download


def retry_job(actor: Any, job: Job) -> Job:
    """The job face of `retry_download`; raises `Conflict` when the download is gone or has a newer job."""
    download = Download.objects.for_user(actor).filter(job_id=job.pk).first()
    if download is None:
        raise Conflict("This download was deleted or tried again already.")
    return retry_download(actor, download).job


def cancel_download(actor: Any, download: Download) -> Download:
    """Ask a download to stop; raises `Conflict` when it has ended."""
    jobs.cancel(download.job, actor)
    download.refresh_from_db()
    return download
