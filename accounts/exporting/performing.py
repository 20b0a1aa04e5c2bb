"""The work of an export: one file, stored and announced, which goes after a week."""

from datetime import timedelta

from django.db.models.functions import Now

from accounts.exporting.writing import write
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


def perform_export(run: Run) -> None:
    """Write everything, store it, and tell the person."""
    export = DataExport.objects.select_related("owner").get(job_id=run.job.pk)
    with scratch_of(run.job) as folder:
        try:
            path, counts = write(run, export.owner, folder)
        except OSError as error:
            if error.errno != NO_SPACE:
                raise
            remedy = "Try again later, or tell whoever runs this instance."
            raise JobFailed("no_space", "There is no room for the file.", remedy=remedy, retryable=True) from error
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
