"""Where the room enters the registers of the floors below it."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.closing.register import Stage, register
from accounts.models import User
from billing.subjects import Subject, tell_subjects
from kapture.core.demo import seeds
from kapture.core.health import probes
from kapture.gateways.health import key_free, vendor
from kapture.gateways.scraping import choices
from kapture.gateways.scraping.switch import is_asked
from kapture.jobs import kinds
from kapture.jobs.kinds import JobKind
from kapture.jobs.models import Job
from trends import exporting
from trends.leaving import erase_trends
from trends.models import Scrape
from trends.performing import perform_scrape
from trends.services import abandon_scrape, request_bulk_scrape, retry_scrape
from trends.specs import KIND, ScrapeSpec
from trends.watches import wiring as _watches  # noqa: F401  # enters the registers by being loaded

DEMO_KEYWORDS = (("desk setup", "video hooks"), ("street food",))


def look_around(user: User) -> None:
    """Let the demo user scrape all platforms that are on, so that the first pages have something real to show."""
    on = [one.platform for one in choices() if one.provider]
    for keywords in DEMO_KEYWORDS if on else ():
        request_bulk_scrape(user, ScrapeSpec(on[0], keywords, limit=30), on)


def subjects(user: Any, ids: Collection[UUID], jobs: Mapping[UUID, Job]) -> dict[UUID, Subject]:
    """The scrapes among what units were held for, with the trends they found."""
    found = Scrape.objects.for_user(user).filter(job_id__in=ids).values_list("job_id", "pk")
    return {job_id: Subject(url=f"{reverse('trends:list')}?scrape={pk}") for job_id, pk in found}


tell_subjects(subjects)
seeds.append(look_around)
register(Stage.ERASE, "trends", 30, erase_trends)
exporting.register_all()
probes["apify"] = vendor("apify", "APIFY_API_TOKEN")
for provider in ("ytdlp", "reddit"):
    probes[provider] = key_free(provider, partial(is_asked, provider))
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
