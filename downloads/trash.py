"""What was deleted lies in the trash for thirty days, can be taken back until then, and goes for good afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Now

from downloads.choices import State
from downloads.holdings import files_of
from downloads.models import Download
from kapture.audit.services import record
from kapture.core.errors import Conflict, NotFound
from kapture.objects import services as objects

KEPT: Final = timedelta(days=30)
# So many a round; what is left waits for the next.
BATCH: Final = 200


def in_trash(user: Any) -> QuerySet[Download]:
    """Somebody's trash with all that a row shows, what was deleted last first."""
    rows: QuerySet[Download] = Download.objects.in_trash(user)
    return rows.select_related("media", "thumbnail").defer("search").order_by("-trashed_at", "-id")


def trash_totals(user: Any) -> tuple[int, int]:
    """How many downloads are in somebody's trash, and the bytes of their media, which still count as stored."""
    found = Download.objects.in_trash(user).order_by().aggregate(count=Count("pk"), size=Sum("media__size"))
    return int(found["count"]), int(found["size"] or 0)


def trash_download(actor: Any, download: Download) -> None:
    """Put a download that ended into the trash; raises `Conflict` while it is in progress. Twice is as once."""
    with transaction.atomic():
        rows = Download.objects.filter(pk=download.pk).exclude(state=State.ACTIVE)
        if rows.filter(trashed_at=None).update(trashed_at=Now(), updated_at=Now()):
            record(actor, "downloads.trashed", download, url=download.url)
        elif not rows.exists():
            raise Conflict("This download is in progress. Cancel it first.")


def restore_download(actor: Any, pk: Any) -> Download:
    """Take a download out of the trash; raises `NotFound` alike for one that is not there and for somebody else's."""
    with transaction.atomic():
        download = _locked(actor, pk)
        Download.objects.filter(pk=download.pk).update(trashed_at=None, updated_at=Now())
        record(actor, "downloads.restored", download)
    download.trashed_at = None
    return download


def delete_for_good(actor: Any, pk: Any) -> None:
    """Delete a download in the trash with its files; raises `NotFound` alike for a missing and a foreign one."""
    with transaction.atomic():
        download = _locked(actor, pk)
        record(actor, "downloads.deleted", download, url=download.url)
        _delete([download])


def empty_own(actor: Any) -> int:
    """Delete what is in somebody's trash, a few hundred at most; answers how many went."""
    with transaction.atomic():
        rows = Download.objects.in_trash(actor).select_for_update().order_by("trashed_at")
        batch = list(rows[:BATCH])
        if batch:
            record(actor, "downloads.trash_emptied", batch[0], count=len(batch))
        _delete(batch)
    return len(batch)


def empty_trash(now: datetime) -> int:
    """Delete downloads that were in the trash for thirty days, with their files; answers how many went."""
    with transaction.atomic():
        due = Download.objects.filter(trashed_at__lt=now - KEPT).order_by("trashed_at")
        batch = list(due.select_for_update(skip_locked=True)[:BATCH])
        _delete(batch)
    return len(batch)


def _locked(user: Any, pk: Any) -> Download:
    row = Download.objects.in_trash(user).select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotFound
    download: Download = row
    return download


def _delete(downloads: Sequence[Download]) -> None:
    for download in downloads:
        for stored in files_of(download):
            objects.discard(stored)
    Download.objects.filter(pk__in=[download.pk for download in downloads]).delete()
