"""Where the room enters the registers of the floors below it."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.closing.register import Stage, register
from accounts.models import User
from billing.subjects import Subject, tell_subjects
from kapture.core.choices import Platform
from kapture.core.demo import seeds
from kapture.core.health import probes
from kapture.gateways.health import vendor
from kapture.jobs import kinds
from kapture.jobs.kinds import JobKind
from kapture.jobs.models import Job
from trends import exporting
from trends.leaving import erase_trends
from trends.models import Scrape
from trends.performing import perform_scrape
from trends.services import abandon_scrape, request_bulk_scrape, retry_scrape
from trends.specs import KIND, ScrapeSpec

DEMO_KEYWORDS = (("desk setup", "video hooks"), ("street food",))


def look_around(user: User) -> None:
    """Let the demo user scrape all platforms, so that the first pages have something real to show."""
    for keywords in DEMO_KEYWORDS:
        request_bulk_scrape(user, ScrapeSpec(Platform.YOUTUBE, keywords, limit=30), list(Platform))


def subjects(user: Any, ids: Collection[UUID], jobs: Mapping[UUID, Job]) -> dict[UUID, Subject]:
    """The scrapes among what units were held for, with the trends they found."""
    found = Scrape.objects.for_user(user).filter(job_id__in=ids).values_list("job_id", "pk")
    return {job_id: Subject(url=f"{reverse('trends:list')}?scrape={pk}") for job_id, pk in found}


tell_subjects(subjects)
seeds.append(look_around)
register(Stage.ERASE, "trends", 30, erase_trends)
exporting.register_all()
probes["apify"] = vendor("apify", "APIFY_API_TOKEN")
kinds.register(
    JobKind(
        name=KIND,
        label="Scrape",
        queue="scrape",
        perform=perform_scrape,
        abandon=abandon_scrape,
        retry=retry_scrape,
        deadline=timedelta(minutes=15),
        max_attempts=3,
    )
)
