"""The scraping gateway: runs of Apify actors.

A run costs money, so starting, watching and reading are separate: the caller saves that it is about to start, starts,
saves the run's reference, and from then on only continues that run. When the reference was lost between the two,
`find` looks the run up by the job id in its input (reliability rule D10).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from apify_client import ApifyClient

# The client gives the models it returns no public name.
from apify_client._models import Run, RunListItem
from django.conf import settings

from kapture.core.choices import Platform
from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways.breaker import guarded
from kapture.gateways.scraping import failures
from kapture.gateways.scraping.inputs import actor_input, job_of
from kapture.gateways.scraping.switch import SERVICE, require_token
from kapture.gateways.scraping.transport import Transport
from kapture.gateways.scraping.types import Page, RunState, ScrapeQuery, VendorRun

PAGE = 100
MEMORY_MBYTES = 1024
# Clocks of two companies differ; a run that "began" shortly before our intent may still be ours.
SKEW = timedelta(minutes=5)
MOST_RUNS = 200
LONGEST_POLL = timedelta(seconds=5)

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Scraper:
    """Calls of one job to Apify; make one per job, as an instance belongs to one thread.

    Every method raises `VendorFailed(service="apify", reason=…)`, or `Unavailable` while the vendor is switched off or
    rests behind its breaker. `timeout` is that of one request in seconds; a read is tried up to three times, so with
    the longest wait of `poll` a call ends within five of them.
    """

    def __init__(self, query: ScrapeQuery, timeout: float | None = None) -> None:
        require_token()
        self._query = query
        self._timeout = timedelta(seconds=timeout or settings.APIFY_TIMEOUT_SECONDS)
        self._reading, self._client = _connect(retries=2, timeout=self._timeout)
        # Starting is not idempotent: a repeated POST after a lost answer would pay for a second run.
        self._starting, self._starter = _connect(retries=0, timeout=3 * self._timeout)

    def start(self, *, job_id: UUID, now: datetime) -> VendorRun:
        """Start a run and give its reference; never repeats the request.

        A failure with `reason` "start_unknown" leaves open whether the run was made: look with `find` before the next.
        """
        query = self._query
        run_input = actor_input(query, job_id=job_id, now=now)

        def call() -> Run:
            return self._starter.actor(_actor(query.platform)).start(
                run_input=run_input,
                max_items=query.limit,
                max_total_charge_usd=Decimal(settings.APIFY_MAX_CHARGE_USD),
                run_timeout=timedelta(seconds=settings.APIFY_RUN_SECONDS),
                memory_mbytes=MEMORY_MBYTES,
            )

        return _shown(self._ask(call, self._starting, starting=True))

    def find(self, *, job_id: UUID, since: datetime) -> VendorRun | None:
        """The run whose input carries the job id, among the actor's runs since a time; None when there is none."""

        def call() -> RunListItem | None:
            runs = self._client.actor(_actor(self._query.platform)).runs()
            listed = runs.list(desc=True, limit=MOST_RUNS, started_after=since - SKEW)
            return next((run for run in listed.items if self._job_in(run) == str(job_id)), None)

        found = self._ask(call, self._reading)
        return _shown(found) if found else None

    def poll(self, ref: str, *, wait: timedelta = timedelta(0)) -> VendorRun:
        """State of a run, after waiting up to `wait` (five seconds at most) for its end."""
        patience = min(wait, LONGEST_POLL)

        def call() -> Run:
            run = self._client.run(ref).wait_for_finish(wait_duration=patience, timeout=patience + self._timeout)
            if run is None:
                raise VendorFailed(SERVICE, "run_gone", "The scraping run does not exist any more.")
            return run

        return _shown(self._ask(call, self._reading))

    def items(self, run: VendorRun, *, offset: int = 0, limit: int = PAGE) -> Page:
        """Items of a run's dataset from a position on; also while the run still works."""

        def call() -> Page:
            page = self._client.dataset(run.dataset_ref).list_items(offset=offset, limit=min(limit, PAGE))
            return Page(items=tuple(page.items), next_offset=offset + len(page.items), total=page.total)

        return self._ask(call, self._reading)

    def abort(self, ref: str) -> None:
        """Stop a run, so that it costs no more; a run that has ended or is gone is left as it is."""
        try:
            self._ask(lambda: self._client.run(ref).abort(), self._reading)
        except (VendorFailed, Unavailable) as error:
            # The run's own time and money limits end it; all that is lost is the chance to end it sooner.
            logger.warning("run %s was not aborted: %s", ref, error.message)

    def _job_in(self, run: RunListItem) -> str:
        record = self._client.key_value_store(run.default_key_value_store_id).get_record("INPUT")
        return job_of(record["value"]) if record else ""

    def _ask(self, call: Callable[[], Answer], transport: Transport, *, starting: bool = False) -> Answer:
        def translated() -> Answer:
            transport.retry_after = None
            try:
                return call()
            except failures.FAMILIES as error:
                raise failures.translate(error, transport.retry_after, starting=starting) from error

        return guarded(SERVICE, translated)


def open_search(query: ScrapeQuery, stopped: Callable[[], bool]) -> Scraper:
    """The search of a query by an actor; its calls are short, so nothing is asked of `stopped`."""
    return Scraper(query)


def _connect(retries: int, timeout: timedelta) -> tuple[Transport, ApifyClient]:
    transport = Transport(
        token=settings.APIFY_API_TOKEN,
        max_retries=retries,
        min_delay_between_retries=timedelta(milliseconds=500),
        timeout_short=timeout,
        timeout_medium=timeout,
        timeout_long=timeout,
        # The client doubles the time of each further attempt, up to this.
        timeout_max=timeout + LONGEST_POLL,
    )
    url = settings.APIFY_API_URL
    client = ApifyClient.with_custom_http_client(
        settings.APIFY_API_TOKEN, api_url=url, api_public_url=url, http_client=transport
    )
    return transport, client


def _actor(platform: Platform) -> str:
    actor: str = settings.APIFY_ACTORS[platform.value]
    return actor


def _shown(run: Run | RunListItem) -> VendorRun:
    message = run.status_message if isinstance(run, Run) else None
    cost = run.usage_total_usd
    return VendorRun(
        ref=run.id,
        dataset_ref=run.default_dataset_id,
        state=RunState.of(str(run.status)),
        message=(message or "")[:300],
        cost_usd=None if cost is None else Decimal(str(cost)),
    )
