"""The work of a scrape: start its run once, take in what it finds while it works, and end with an account of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from kapture.core.crash import crashpoint
from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways import scraping
from kapture.gateways.scraping import PROVIDERS, Post, Rejected, RunState, VendorRun, normalise, refused
from kapture.jobs.errors import JobStopped, Stop
from kapture.jobs.run import Run
from trends.endings import broke_off, failed, note, unavailable
from trends.ingest import ingest
from trends.listeners import tell_ended, tell_looked
from trends.models import Purpose, Scrape
from trends.services import UNITS

POLL = timedelta(seconds=2)
# An actor that ignores its limit must not fill the database.
MOST_ITEMS_PER_WANTED = 10


def perform_scrape(run: Run) -> None:
    """One attempt at a scrape; a later attempt continues the same vendor run at the item it had come to."""
    scrape = Scrape.objects.get(job_id=run.job.pk)
    try:
        _Performance(run, scrape).work()
    except VendorFailed as error:
        raise failed(scrape, error) from error
    except Unavailable as error:
        raise unavailable(scrape, error) from error


class _Performance:
    def __init__(self, run: Run, scrape: Scrape) -> None:
        self.run, self.scrape = run, scrape
        self.query = scrape.query
        self.asked = PROVIDERS[scrape.vendor].label
        self.scraper = scraping.scraper(scrape.vendor, self.query, stopped=run.stopped.is_set)

    def work(self) -> None:
        vendor = self._vendor_run()
        try:
            vendor = self._read_until_over(vendor)
        except JobStopped as stop:
            if stop.why not in (Stop.LOST, Stop.LEAVING):
                self.scraper.abort(vendor.ref)
            raise
        except VendorFailed as error:
            # Nobody will read this run any more, so it should not go on to cost money.
            if not error.retryable or self.run.is_last:
                self.scraper.abort(vendor.ref)
            raise
        self._finish(vendor)

    def _vendor_run(self) -> VendorRun:
        """The scrape's one run: the one it has, the one whose reference was lost, or a new one."""
        scrape, job_id = self.scrape, self.run.job.pk
        if scrape.run_ref:
            return self.scraper.poll(scrape.run_ref)
        if scrape.intent_at is not None:
            lost = self.scraper.find(job_id=job_id, since=scrape.intent_at)
            if lost is not None:
                return self._remember(lost)
        self._save(intent_at=timezone.now())
        crashpoint("trends.before_start")
        self.run.report(None, f"Asking {self.asked}")
        started = self.scraper.start(job_id=job_id, now=timezone.now())
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
            vendor = self._read_new(self.scraper.poll(vendor.ref, wait=POLL))
            if vendor.state.is_over:
                return vendor
            self._report()

    def _read_new(self, vendor: VendorRun) -> VendorRun:
        """Take in what is there by now; answers the run with its moved reference."""
        most = max(MOST_ITEMS_PER_WANTED * self.scrape.limit, len(self.query.urls))
        while self.scrape.read < most:
            page = self.scraper.items(vendor, offset=self.scrape.read)
            moved = replace(vendor, ref=page.ref or vendor.ref)
            if page.next_offset <= self.scrape.read and moved == vendor:
                break
            vendor = moved
            self._take(page.items, page.next_offset, vendor.ref)
            self._report()
        return vendor

    def _report(self) -> None:
        read, limit = self.scrape.read, self.scrape.limit
        fraction = min(read / limit, 0.95) if read else None
        self.run.report(fraction, f"{read} found by {self.asked}" if read else f"Asking {self.asked}", count=read)

    def _take(self, items: Sequence[object], read: int, ref: str) -> None:
        """Store one page of items, and how far that is, in one transaction."""
        now, scrape = timezone.now(), self.scrape
        rejected: Counter[str] = Counter(scrape.rejected)
        posts: list[Post] = []
        for item in items:
            found = normalise(
                self.query.platform, item, now=now, kept_hosts=settings.EGRESS_ALLOW, provider=scrape.vendor
            )
            outcome = refused(self.query, found, now=now) or found if isinstance(found, Post) else found
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
                run_ref=ref,
                updated_at=now,
            )
            tell_looked(scrape, done.met)
            crashpoint("trends.inside_upsert")
        scrape.refresh_from_db(fields=["read", "stored", "merged", "rejected"])

    def _finish(self, vendor: VendorRun) -> None:
        scrape = self.scrape
        if vendor.state is not RunState.SUCCEEDED and not scrape.read:
            raise broke_off(vendor.state)
        said = note(scrape, vendor.state)
        result = {
            "scrapeId": str(scrape.pk),
            "read": scrape.read,
            "stored": scrape.stored,
            "merged": scrape.merged,
            "rejected": scrape.rejected,
            "note": said,
        }
        # A look at known posts is ours, not its owner's: nothing was held for it.
        units = 0 if scrape.purpose == Purpose.LOOK else UNITS
        with self.run.finish(result, units=units):
            scrape.finished_at, scrape.note, scrape.cost_usd = timezone.now(), said, vendor.cost_usd
            scrape.save(update_fields=["finished_at", "note", "cost_usd", "updated_at"])
            tell_ended(scrape)
