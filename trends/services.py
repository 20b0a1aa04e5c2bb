"""Asking for scrapes. What a scrape writes is in `performing`, what people do to their trends in `keeping`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing.queries import as_meta, usage_of
from billing.services import over_cap, reserve
from kapture.audit.services import record
from kapture.core.choices import Platform, UsageKind
from kapture.core.errors import Conflict, UsageExceeded
from kapture.core.ids import new_id
from kapture.gateways.scraping import require_on
from kapture.jobs.models import Job
from kapture.jobs.services import enqueue
from trends.listeners import tell_ended
from trends.models import Purpose, Scrape, WatchRun
from trends.specs import KIND, ScrapeSpec

# One search on one platform costs one unit, however many posts it finds.
UNITS = 1


def request_scrape(user: Any, spec: ScrapeSpec, *, watch_run: WatchRun | None = None) -> Scrape:
    """Accept one search: quota held, job waiting, all in one transaction.

    Raises `UsageExceeded`, or `Unavailable` while nobody is set up to search the platform.
    """
    provider = require_on(spec.platform)
    with transaction.atomic():
        job_id = new_id()
        reserve(user, UsageKind.SCRAPE, UNITS, source_id=job_id)
        scrape_id = new_id()
        job = enqueue(user, KIND, {"scrapeId": str(scrape_id)}, job_id=job_id, title=spec.title, subject_id=scrape_id)
        scrape = Scrape.objects.create(
            id=scrape_id,
            owner=user,
            job=job,
            platform=spec.platform,
            keywords=list(spec.keywords),
            limit=spec.limit,
            date_range=spec.date_range or "",
            min_views=spec.min_views,
            language=spec.language,
            vendor=provider.name,
            watch_run=watch_run,
        )
        record(user, "trends.scrape_requested", scrape, platform=spec.platform.value, keywords=list(spec.keywords))
    return scrape


def request_bulk_scrape(
    user: Any, spec: ScrapeSpec, platforms: Sequence[Platform], *, watch_run: WatchRun | None = None
) -> list[Scrape]:
    """Accept the same search on several platforms, or on none when the quota does not hold all of them."""
    wanted = list(dict.fromkeys(platforms))
    try:
        with transaction.atomic():
            specs = [replace(spec, platform=platform) for platform in wanted]
            return [request_scrape(user, one, watch_run=watch_run) for one in specs]
    except UsageExceeded as refusal:
        # Raised for one of them, when the others were held: what is told must be true after all were let go.
        units = len(wanted) * UNITS
        raise over_cap(UsageKind.SCRAPE, units) or _refusal(user, refusal, units) from None


def retry_scrape(user: Any, job: Job) -> Job:
    """Ask for the search of a job once more, as a new job with a run of its own."""
    scrape = Scrape.objects.select_related("job").get(job_id=job.pk, owner_id=user.pk)
    if scrape.purpose == Purpose.LOOK:
        raise Conflict("A look at known posts is repeated by the watch that asked for it.")
    retried: Job = request_scrape(user, spec_of(scrape)).job
    return retried


def spec_of(scrape: Scrape) -> ScrapeSpec:
    """What a scrape was asked for."""
    query = scrape.query
    return ScrapeSpec(query.platform, query.keywords, query.limit, query.date_range, query.min_views, query.language)


def abandon_scrape(job: Job) -> None:
    """Close the row of a scrape whose job failed or was cancelled; what it stored until then stays."""
    note = job.error_message or job.get_state_display()
    scrape = Scrape.objects.filter(job_id=job.pk).first()
    if scrape is not None:
        scrape.finished_at, scrape.note = timezone.now(), note[:300]
        scrape.save(update_fields=["finished_at", "note", "updated_at"])
        tell_ended(scrape)


def _refusal(user: Any, refusal: UsageExceeded, requested: int) -> UsageExceeded:
    seen = usage_of(user, UsageKind.SCRAPE, timezone.now())
    alternatives = [text for text in refusal.details["alternatives"] if not text.startswith("Ask for")]
    if seen.remaining:
        alternatives.insert(0, f"Choose {seen.remaining} platform{'s' if seen.remaining > 1 else ''} for now.")
    left = f"{seen.remaining} left" if seen.remaining else "none is left"
    return UsageExceeded(
        f"This needs {requested} of your {seen.limit} scrapes a month; {left} until the month ends.",
        details={**refusal.details, **as_meta(seen), "requested": requested, "alternatives": alternatives},
    )
