"""The kind of job an export is."""

from datetime import timedelta

from accounts.exporting.performing import KIND, perform_export
from accounts.exporting.services import retry_export
from kapture.jobs.kinds import JobKind

EXPORT = JobKind(
    name=KIND,
    label="Export of your data",
    queue="default",
    perform=perform_export,
    retry=retry_export,
    # An attempt may take the better part of an hour, after which workers are stopped.
    deadline=timedelta(hours=4),
    max_attempts=3,
)
