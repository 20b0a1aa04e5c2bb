"""What keeps a user's scrapes waiting: who did not do its part, what is kept, and when it is tried again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from kapture.gateways.breaker import BreakerState, reading
from kapture.gateways.scraping import PROVIDERS, choices
from kapture.jobs.models import Job, JobEvent, State
from kapture.web.formats import until
from trends.models import Scrape

TOLD: Final = {
    "rate_limited": "asks to slow down",
    "timeout": "did not answer in time",
    "down": "has a fault of its own",
    "unreachable": "cannot be reached",
    "bad_answer": "answered in a form that is not understood",
    "start_unknown": "did not say whether it began",
    "vendor_unavailable": "failed several times in a row",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A scrape that is tried again, in words: its platform, what happened, when, and what is kept."""

    platform: str
    happened: str
    again_at: datetime
    again: str
    kept: str


@dataclass(frozen=True, slots=True)
class Resting:
    """A provider that is left alone for some seconds, and the platforms that wait for it."""

    label: str
    failures: int
    seconds: int
    platforms: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that is in the way of a user's scrapes."""

    waiting: Sequence[Waiting] = ()
    resting: Sequence[Resting] = ()


def standing(user: Any, jobs: Iterable[Job], now: datetime) -> Standing:
    """What is in the way of jobs that are shown; asks nothing of the database while all goes well."""
    again = {job.pk: job for job in jobs if job.state == State.QUEUED and job.attempt}
    failed = [job.pk for job in jobs if job.state == State.FAILED]
    if not again and not failed:
        return Standing()
    scrapes = list(Scrape.objects.for_user(user).filter(job_id__in=[*again, *failed]).order_by("platform", "pk"))
    events = JobEvent.objects.filter(job_id__in=list(again), what="requeued").order_by("pk")
    codes = dict(events.values_list("job_id", "note"))
    late = [one for one in scrapes if one.job_id in again]
    waiting = [_waiting(one, again[one.job_id], codes.get(one.job_id, ""), now) for one in late]
    return Standing(waiting, resting(sorted({one.vendor for one in scrapes})))


def resting(providers: Iterable[str]) -> list[Resting]:
    """Those of some providers that are left alone at this moment."""
    found = []
    for name in providers:
        known = reading(name)
        if known.state is BreakerState.OPEN and known.retry_after:
            asked = [one.platform.label for one in choices() if one.provider and one.provider.name == name]
            found.append(Resting(PROVIDERS[name].label, known.failures, known.retry_after, listed(asked)))
    return found


def listed(names: Sequence[str]) -> str:
    """Names as a sentence joins them: YouTube, TikTok and X."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _waiting(scrape: Scrape, job: Job, code: str, now: datetime) -> Waiting:
    found = scrape.stored + scrape.merged
    soon = job.run_after - now < timedelta(minutes=1)
    return Waiting(
        platform=scrape.get_platform_display(),
        happened=f"{PROVIDERS[scrape.vendor].label} {TOLD.get(code, 'did not come to an end')}",
        again_at=job.run_after,
        again="in less than a minute" if soon else until(job.run_after, now),
        kept=f"{found} {'post' if found == 1 else 'posts'} found until now {'is' if found == 1 else 'are'} kept."
        if found
        else "",
    )
