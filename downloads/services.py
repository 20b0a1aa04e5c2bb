"""The only writers of downloads: asking, retrying, cancelling, deleting. The work itself is in `performing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from billing.services import reserve
from downloads.choices import Kind, State
from downloads.models import Download
from downloads.specs import JOB_KIND, MAX_BULK, DownloadSpec, Wish, plain, platform_of
from kapture.audit.services import record
from kapture.core.choices import UsageKind
from kapture.core.crash import crashpoint
from kapture.core.errors import Conflict, DomainError, InvalidInput, UsageExceeded
from kapture.core.ids import new_id
from kapture.gateways.scraping import ContentType
from kapture.jobs import services as jobs
from kapture.jobs.models import Job
from kapture.objects import services as objects
from trends.models import Trend


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item of several: a download, or the refusal."""

    index: int
    download: Download | None = None
    error: DomainError | None = None


def request_download(user: Any, spec: DownloadSpec) -> Download:
    """Accept one download: quota held, row and job written, all or nothing; raises `UsageExceeded`, `InvalidInput`."""
    with transaction.atomic():
        download = _new(user, spec, _trends(user, [spec]))
        crashpoint("downloads.before_reserve")
        _start(user, download)
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
    with transaction.atomic():
        trends = _trends(user, [spec for spec in specs if isinstance(spec, DownloadSpec)])
        seen: set[DownloadSpec] = set()
        outcomes = [_one_of_many(user, index, spec, trends, seen) for index, spec in enumerate(specs)]
        accepted = [one.download for one in outcomes if one.download]
        refused = next((one.error for one in outcomes if isinstance(one.error, UsageExceeded)), None)
        if refused is not None and not accepted:
            raise refused
        Download.objects.bulk_create(accepted)
        record(user, "downloads.requested_many", accepted=len(accepted), refused=len(outcomes) - len(accepted))
    return outcomes


def _one_of_many(
    user: Any, index: int, spec: DownloadSpec | DomainError, trends: dict[Any, Trend], seen: set[DownloadSpec]
) -> Outcome:
    if isinstance(spec, DomainError):
        return Outcome(index, error=spec)
    if spec in seen:
        return Outcome(index, error=Conflict("This item is named twice."))
    seen.add(spec)
    try:
        download = _new(user, spec, trends)
        _start(user, download)
    except (InvalidInput, UsageExceeded) as error:
        return Outcome(index, error=error)
    return Outcome(index, download=download)


def _trends(user: Any, specs: Sequence[DownloadSpec]) -> dict[Any, Trend]:
    wanted = {spec.trend_id for spec in specs if spec.trend_id is not None}
    return {trend.pk: trend for trend in Trend.objects.for_user(user).filter(pk__in=wanted)} if wanted else {}


def _new(user: Any, spec: DownloadSpec, trends: dict[Any, Trend]) -> Download:
    """The row of a wish, not saved; raises `InvalidInput` for a trend that is missing, foreign or without media."""
    if spec.trend_id is None:
        return _as_wished(Download(owner=user, url=spec.url, platform=platform_of(spec.url) or ""), spec.wish or Wish())
    trend = trends.get(spec.trend_id)
    if trend is None:
        raise InvalidInput({"trendId": ["There is no such trend."]})
    if trend.content_type == ContentType.TEXT:
        raise InvalidInput({"trendId": ["This post is text; there is no media in it."]})
    picture = trend.content_type == ContentType.IMAGE
    download = Download(
        owner=user,
        trend=trend,
        # The page of a picture post tells yt-dlp nothing; the picture itself has an address.
        url=plain((trend.media_url if picture and spec.wish is None else "") or trend.url),
        webpage_url=trend.url,
        platform=trend.platform,
        title=trend.headline[:500],
        author=trend.byline[:500],
        poster_url=trend.thumbnail_url,
        duration_s=trend.duration_s,
    )
    return _as_wished(download, spec.wish or Wish(Kind.IMAGE if picture else Kind.VIDEO))


def _as_wished(download: Download, wish: Wish) -> Download:
    download.kind, download.quality, download.convert_to = wish.kind, wish.quality, wish.convert_to
    return download


def _start(user: Any, download: Download) -> None:
    """Hold one unit and queue the job of a download, in the caller's transaction."""
    job_id = new_id()
    reserve(user, UsageKind.DOWNLOAD, 1, source_id=job_id)
    download.job = jobs.enqueue(
        user, JOB_KIND, {"url": download.url}, job_id=job_id, title=download.headline, subject_id=download.pk
    )


def retry_download(actor: Any, download: Download) -> Download:
    """Ask for the same again, for one more unit; raises `Conflict` unless it failed or was cancelled.

    The row stays: its new job takes the place of the old one.
    """
    with transaction.atomic():
        old = download.job_id
        _start(actor, download)
        moved = Download.objects.filter(pk=download.pk, job_id=old, state__in=(State.FAILED, State.CANCELLED)).update(
            job=download.job, state=State.ACTIVE, updated_at=Now()
        )
        if not moved:
            raise Conflict("Only a failed or cancelled download can be tried again.")
        record(actor, "downloads.retried", download)
    download.state = State.ACTIVE
    return download


def retry_job(actor: Any, job: Job) -> Job:
    """The job face of `retry_download`; raises `Conflict` when the download is gone or has a newer job."""
    download = Download.objects.for_user(actor).filter(job_id=job.pk).first()
    if download is None:
        raise Conflict("This download was deleted or tried again already.")
    return retry_download(actor, download).job


def retry_failed(actor: Any, downloads: Sequence[Download]) -> int:
    """Ask for several again, as far as the quota reaches; returns how many. Raises `UsageExceeded` when none fits."""
    count = 0
    for download in downloads:
        try:
            retry_download(actor, download)
        except Conflict:
            continue
        except UsageExceeded:
            if not count:
                raise
            break
        count += 1
    return count


def cancel_download(actor: Any, download: Download) -> Download:
    """Ask a download to stop; raises `Conflict` when it has ended."""
    jobs.cancel(download.job, actor)
    download.refresh_from_db()
    return download


def delete_download(actor: Any, download: Download) -> None:
    """Remove a download that ended, with its files; raises `Conflict` while it is in progress."""
    with transaction.atomic():
        gone = Download.objects.select_for_update().filter(pk=download.pk).exclude(state=State.ACTIVE).first()
        if gone is None:
            raise Conflict("This download is in progress. Cancel it first.")
        for stored in (gone.media, gone.thumbnail):
            if stored is not None:
                objects.discard(stored)
        record(actor, "downloads.deleted", gone, url=gone.url)
        gone.delete()
