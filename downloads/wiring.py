"""Where downloads meet the ground floor: the work they register."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.closing.register import Stage
from accounts.closing.register import register as on_closing
from billing.queries import concurrent_downloads
from billing.subjects import Subject, tell_subjects
from downloads import exporting
from downloads.clipping import CLIP_KIND
from downloads.cutting import perform_clip
from downloads.leaving import erase_downloads
from downloads.looking import DEADLINE, LOOK_KIND, perform_looks
from downloads.models import Download
from downloads.performing import abandon_download, perform_download
from downloads.services import retry_job
from downloads.specs import JOB_KIND
from downloads.throughput import count_bytes
from kapture.core.health import probes
from kapture.gateways.media import holding
from kapture.gateways.media.standing import probe
from kapture.jobs.kinds import JobKind, register
from kapture.jobs.models import Job
from kapture.jobs.run import reported_hooks
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
            "Clip" if row.is_clip else "Download",
            "download",
            row.headline,
            row.completed_at or row.created_at,
            reverse("downloads:detail", args=[row.pk]),
            marks="Captured" if row.completed_at else "",
        )
        for row in rows[:SHOWN]
    ]


def two_each(owners: Collection[UUID]) -> dict[UUID, int]:
    """Two sheets of the same person are looked at at once."""
    return dict.fromkeys(owners, 2)


tell_subjects(subjects)
tell_lineage(made_of)
on_closing(Stage.ERASE, "downloads", 10, erase_downloads)
exporting.register_all()
probes["fetching"] = probe
probes |= {"egress": holding.walls, "javascript": holding.javascript, "proxies": holding.proxies}
register(
    JobKind(
        name=JOB_KIND,
        label="Download",
        queue="download",
        perform=perform_download,
        abandon=abandon_download,
        retry=retry_job,
        # Waiting for a free slot counts, too, and fifty asked for at once wait long.
        deadline=timedelta(hours=24),
        max_attempts=3,
        limits=concurrent_downloads,
        # Little lies ahead of the workers, so that somebody new waits for few others.
        window=8,
        pausable=True,
    )
)
register(
    JobKind(
        name=LOOK_KIND,
        label="Look at links",
        queue="default",
        perform=perform_looks,
        deadline=DEADLINE,
        max_attempts=2,
        limits=two_each,
    )
)
reported_hooks.append(count_bytes)
register(
    JobKind(
        name=CLIP_KIND,
        label="Clip",
        queue="download",
        perform=perform_clip,
        abandon=abandon_download,
        retry=retry_job,
        deadline=timedelta(hours=6),
        max_attempts=3,
    )
)
