"""What every provider does, and the door to them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Final, Protocol, cast
from uuid import UUID

from kapture.gateways.scraping.types import Page, ScrapeQuery, VendorRun


class Scraper(Protocol):
    """One search at one provider, made for one job.

    Every method raises `VendorFailed` with a stable reason, or `Unavailable` while the provider is switched off or
    rests behind its breaker.
    """

    def start(self, *, job_id: UUID, now: datetime) -> VendorRun:
        """Begin the search; never done twice by itself."""

    def find(self, *, job_id: UUID, since: datetime) -> VendorRun | None:
        """The run of a job whose reference was lost, if the provider keeps runs and there is one."""

    def poll(self, ref: str, *, wait: timedelta = ...) -> VendorRun:
        """How far a run is, after waiting for its end up to `wait`."""

    def items(self, run: VendorRun, *, offset: int = 0) -> Page:
        """What a run found after the first `offset` items."""

    def abort(self, ref: str) -> None:
        """End a run, so that it costs no more."""


HOMES: Final = {
    "apify": "kapture.gateways.scraping.apify",
    "ytdlp": "kapture.gateways.scraping.search",
    "reddit": "kapture.gateways.scraping.listing",
}


def scraper(provider: str, query: ScrapeQuery, *, stopped: Callable[[], bool] = lambda: False) -> Scraper:
    """The search of a query at a provider; a call that takes long ends soon after `stopped` becomes true."""
    # Loaded by the first search (decision 0010).
    return cast("Scraper", import_module(HOMES[provider]).open_search(query, stopped))
