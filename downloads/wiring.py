"""Where downloads meet the ground floor: the work they register."""

from datetime import timedelta

from downloads.performing import abandon_download, perform_download
from downloads.services import JOB_KIND, retry_job
from kapture.jobs.kinds import JobKind, register

register(
    JobKind(
        name=JOB_KIND,
        label="Download",
        queue="download",
        perform=perform_download,
        abandon=abandon_download,
        retry=retry_job,
        # Waiting for a free slot counts, too.
        deadline=timedelta(hours=6),
        max_attempts=3,
    )
)
