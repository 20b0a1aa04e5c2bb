"""Where downloads meet the ground floor: the work they register."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.closing.register import Stage
from accounts.closing.register import register as on_closing
from billing.subjects import Subject, tell_subjects
from downloads import exporting
from downloads.leaving import erase_downloads
from downloads.models import Download
from downloads.performing import abandon_download, perform_download
from downloads.services import retry_job
from downloads.specs import JOB_KIND
from kapture.jobs.kinds import JobKind, register
from kapture.jobs.models import Job
from trends.lineage import SHOWN, Step, tell_lineage


def subjects(user: Any, ids: Collection[UUID], jobs: Mapping[UUID, Job]) -> dict[UUID, Subject]:
    """The downloads among what units were held for, those whose later attempt counts now included."""
    wanted = {pk: job.subject_id for pk, job in jobs.items() if job.kind == JOB_KIND}
    rows = Download.objects.for_user(user).filter(pk__in=set(wanted.values()))
    found = {row.pk: row for row in rows.only("id", "title", "url")}
    return {
        pk: Subject(found[subject].headline, reverse("downloads:detail", args=[subject]))
        for pk, subject in wanted.items()
        if subject in found
    }


def made_of(user: Any, trend: UUID) -> list[Step]:
    """The downloads of a trend, the first of them."""
    rows = Download.objects.for_user(user).filter(trend_id=trend).order_by("created_at").defer("search")
    return [
        Step(
            "Download",
            "download",
            row.headline,
            row.completed_at or row.created_at,
            reverse("downloads:detail", args=[row.pk]),
            marks="Captured" if row.completed_at else "",
        )
        for row in rows[:SHOWN]
    ]


tell_subjects(subjects)
tell_lineage(made_of)
on_closing(Stage.ERASE, "downloads", 10, erase_downloads)
exporting.register_all()
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
