"""Searches at vendors that keep no runs: a step for each keyword, and the number of steps done as the reference.

A search that broke off goes on at the step it had come to, in whatever process; nothing is paid, so nothing is lost
when a step is done twice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from kapture.gateways.breaker import guarded
from kapture.gateways.scraping.types import Page, RunState, ScrapeQuery, VendorRun


class Steps:
    """A search in steps; subclasses say what the steps are and ask the vendor for one."""

    service: str

    def __init__(self, query: ScrapeQuery, stopped: Callable[[], bool]) -> None:
        self.query, self.stopped = query, stopped
        self.steps: Sequence[object] = self.plan()

    def plan(self) -> Sequence[object]:
        """What to ask, one after the other."""
        raise NotImplementedError

    def ask(self, step: object) -> tuple[object, ...]:
        """The items of one step; raises `VendorFailed`."""
        raise NotImplementedError

    @property
    def each(self) -> int:
        """Posts a keyword, so that all keywords together reach the limit."""
        return -(-self.query.limit // max(len(self.query.keywords), 1))

    def start(self, *, job_id: UUID, now: datetime) -> VendorRun:
        """Begin at the first step; nobody is asked yet."""
        return self._at(0)

    def find(self, *, job_id: UUID, since: datetime) -> VendorRun | None:
        """Nothing is kept that could be found."""
        return None

    def poll(self, ref: str, *, wait: timedelta = timedelta(0)) -> VendorRun:
        """Over when all steps are done."""
        return self._at(int(ref))

    def items(self, run: VendorRun, *, offset: int = 0) -> Page:
        """What the next step finds; an unmoved reference after the last."""
        done = int(run.ref)
        if done >= len(self.steps):
            return Page((), offset, offset)
        # A vendor that ignores its limit must not fill the database.
        most = len(self.query.urls) or self.each
        found = guarded(self.service, lambda: self.ask(self.steps[done]))[:most]
        return Page(found, offset + len(found), offset + len(found), ref=str(done + 1))

    def abort(self, ref: str) -> None:
        """What is stopped leaves nothing behind."""

    def _at(self, done: int) -> VendorRun:
        over = done >= len(self.steps)
        return VendorRun(str(done), "", RunState.SUCCEEDED if over else RunState.RUNNING, cost_usd=Decimal(0))
