"""The work of an export: one file, stored and announced, which goes after a week."""

import shutil
from datetime import timedelta
from pathlib import Path

from django.db.models.functions import Now

from accounts.exporting.writing import total_of, write
from accounts.models import DataExport
from accounts.notifications import notify
from kapture.core.crash import crashpoint
from kapture.jobs.errors import JobFailed, JobStopped
from kapture.jobs.run import Run
from kapture.jobs.scratch import scratch_of
from kapture.objects import services as objects

KIND = "accounts.export"
KEPT = timedelta(days=7)
NO_SPACE = 28
SPARE = 1 << 29


def _see_room(folder: Path, size: int) -> None:
    """Refuse to begin what would fill the disk others work on: the file is written here and may be stored beside."""
    if shutil.disk_usage(folder).free < 2 * size + SPARE:
        raise _no_room()


def _no_room() -> JobFailed:
    remedy = "Try again later, or tell whoever runs this instance."
    return JobFailed("no_space", "There is no room for the file.", remedy=remedy, retryable=True)


def perform_export(run: Run) -> None:
    """Write everything, store it, and tell the person."""
    export = DataExport.objects.select_related("owner").get(job_id=run.job.pk)
    with scratch_of(run.job) as folder:
        _see_room(folder, total_of(export.owner))
        try:
            path, counts = write(run, export.owner, folder)
        except OSError as error:
            if error.errno != NO_SPACE:
                raise
            raise _no_room() from error
        crashpoint("exporting.written")
        run.report(0.95, "Storing")
        stored = objects.store(export.owner_id, path, suffix=".zip", content_type="application/zip", job=run.job)
        crashpoint("exporting.stored")
        try:
            with run.finish({"exportId": str(export.pk), "size": stored.size}, units=0):
                objects.promote(stored)
                rows = DataExport.objects.filter(pk=export.pk)
                rows.update(stored=stored, counts=counts, expires_at=Now() + KEPT, updated_at=Now())
                notify(
                    export.owner,
                    "accounts.export",
                    "Your data is ready",
                    body="The file can be downloaded for seven days.",
                    path="/settings/data/",
                    mail=export.owner.mails_account,
                )
        except JobStopped:
            # Ended elsewhere meanwhile: nobody will ask for this file.
            objects.discard(stored)
            raise
