"""The work of a scrape: start its run once, take in what it finds while it works, and end with an account of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from kapture.core.crash import crashpoint
from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways import scraping
from kapture.gateways.scraping import Post, Rejected, RunState, VendorRun, normalise, refused
from kapture.jobs.errors import JobFailed, JobStopped, Stop
from kapture.jobs.run import Run
from trends.ingest import ingest
from trends.models import Scrape
from trends.services import UNITS

POLL = timedelta(seconds=2)
# An actor that ignores its limit must not fill the database.
MOST_ITEMS_PER_WANTED = 10
REMEDIES = {
    "bad_token": "Somebody who runs this instance has to set a valid APIFY_API_TOKEN.",
    "no_credit": "Somebody who runs this instance has to add credit at Apify.",
    "forbidden": "The Apify account needs a plan that may run this actor.",
    "bad_request": "Try simpler keywords.",
    "rate_limited": "Try again in a few minutes.",
    "run_gone": "Start the search again.",
    "actor_failed": "Start the search again; if it fails again, try fewer keywords or another platform.",
}
ENDINGS = {
    RunState.FAILED: "The platform's scraper broke off",
    RunState.TIMED_OUT: "The platform's scraper ran out of time",
    RunState.ABORTED: "The platform's scraper was stopped",
}


def perform_scrape(run: Run) -> None:
    """One attempt at a scrape; a later attempt continues the same vendor run at the item it had come to."""
    scrape = Scrape.objects.get(job_id=run.job.pk)
    try:
        _Performance(run, scrape).work()
    except VendorFailed as error:
        raise JobFailed(
            error.reason,
            error.message,
            remedy=REMEDIES.get(error.reason, ""),
            retryable=error.retryable,
            retry_after=error.retry_after,
        ) from error
    except Unavailable as error:
        raise JobFailed(
            "vendor_unavailable",
            error.message,
            remedy="Try again in a few minutes.",
            retryable=error.retry_after is not None,
            retry_after=error.retry_after,
        ) from error


class _Performance:
    def __init__(self, run: Run, scrape: Scrape) -> None:
        self.run, self.scrape = run, scrape
        self.scraper = scraping.Scraper()

    def work(self) -> None:
        vendor = self._vendor_run()
        try:
            vendor = self._read_until_over(vendor)
        except JobStopped as stop:
            if stop.why is not Stop.LOST:
                self.scraper.abort(vendor.ref)
            raise
        self._finish(vendor)

    def _vendor_run(self) -> VendorRun:
        """The scrape's one run: the one it has, the one whose reference was lost, or a new one."""
        scrape, job_id = self.scrape, self.run.job.pk
        if scrape.run_ref:
            return self.scraper.poll(scrape.run_ref)
        if scrape.intent_at is not None:
            lost = self.scraper.find(scrape.query.platform, job_id=job_id, since=scrape.intent_at)
            if lost is not None:
                return self._remember(lost)
        self._save(intent_at=timezone.now())
        crashpoint("trends.before_start")
        self.run.report(None, f"Asking {scrape.get_platform_display()}")
        started = self.scraper.start(scrape.query, job_id=job_id, now=timezone.now())
        crashpoint("trends.started")
        return self._remember(started)

    def _remember(self, vendor: VendorRun) -> VendorRun:
        self._save(run_ref=vendor.ref, dataset_ref=vendor.dataset_ref)
        crashpoint("trends.run_saved")
        return vendor

    def _save(self, **fields: Any) -> None:
        with self.run.step():
            Scrape.objects.filter(pk=self.scrape.pk).update(updated_at=timezone.now(), **fields)

    def _read_until_over(self, vendor: VendorRun) -> VendorRun:
        while True:
            vendor = self.scraper.poll(vendor.ref, wait=POLL)
            self._read_new(vendor)
            if vendor.state.is_over:
                return vendor
            self._report()

    def _read_new(self, vendor: VendorRun) -> None:
        most = MOST_ITEMS_PER_WANTED * self.scrape.limit
        while self.scrape.read < most:
            page = self.scraper.items(vendor, offset=self.scrape.read)
            if page.next_offset <= self.scrape.read:
                return
            self._take(page.items, page.next_offset)
            self._report()

    def _report(self) -> None:
        read, limit = self.scrape.read, self.scrape.limit
        fraction = min(read / limit, 0.95) if read else None
        self.run.report(fraction, f"{read} found" if read else "Searching", count=read)

    def _take(self, items: Sequence[object], read: int) -> None:
        """Store one page of items, and how far that is, in one transaction."""
        now, scrape = timezone.now(), self.scrape
        rejected: Counter[str] = Counter(scrape.rejected)
        posts: list[Post] = []
        for item in items:
            found = normalise(scrape.query.platform, item, now=now, kept_hosts=settings.EGRESS_ALLOW)
            outcome = refused(scrape.query, found, now=now) or found if isinstance(found, Post) else found
            if isinstance(outcome, Rejected):
                rejected[outcome.reason.value] += 1
            else:
                posts.append(outcome)
        with self.run.step():
            crashpoint("trends.before_upsert")
            done = ingest(scrape.owner_id, posts, now=now, scrape_id=scrape.pk)
            Scrape.objects.filter(pk=scrape.pk).update(
                read=read,
                stored=F("stored") + done.stored,
                merged=F("merged") + done.merged,
                rejected=dict(rejected),
                updated_at=now,
            )
            crashpoint("trends.inside_upsert")
        scrape.refresh_from_db(fields=["read", "stored", "merged", "rejected"])

    def _finish(self, vendor: VendorRun) -> None:
        scrape = self.scrape
        if vendor.state is not RunState.SUCCEEDED and not scrape.read:
            message = f"{ENDINGS[vendor.state]} before it found anything."
            raise JobFailed("actor_failed", message, remedy=REMEDIES["actor_failed"])
        note = self._note(vendor)
        result = {
            "scrapeId": str(scrape.pk),
            "read": scrape.read,
            "stored": scrape.stored,
            "merged": scrape.merged,
            "rejected": scrape.rejected,
            "note": note,
        }
        with self.run.finish(result, units=UNITS):
            Scrape.objects.filter(pk=scrape.pk).update(finished_at=timezone.now(), note=note, cost_usd=vendor.cost_usd)

    def _note(self, vendor: VendorRun) -> str:
        scrape = self.scrape
        if vendor.state is not RunState.SUCCEEDED:
            return f"{ENDINGS[vendor.state]}; what it had found is kept."
        if not scrape.stored and not scrape.merged:
            return "Nothing was found for these keywords."
        return ""
