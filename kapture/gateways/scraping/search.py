"""YouTube without a key: its own search, read by yt-dlp in a process that is watched and ended from here."""

import json
import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings

from kapture.core.errors import VendorFailed
from kapture.gateways.media import rotation
from kapture.gateways.media.proxy.budget import CLOSES_AFTER, Caps
from kapture.gateways.media.proxy.server import Proxy
from kapture.gateways.media.proxy.upstream import Upstream, parse
from kapture.gateways.media.reasons import FetchFailed
from kapture.gateways.media.supervise import Child
from kapture.gateways.scraping.steps import Steps
from kapture.gateways.scraping.types import DateRange, ScrapeQuery

SERVICE: Final = "ytdlp"
TICK: Final = 0.2
# Single pages are read one after the other, so a look goes in steps of so many.
BATCH: Final = 10
# What YouTube's own filters put into an address: videos, of the last day, week or month.
FILTERS: Final = {None: "EgIQAQ==", DateRange.DAY: "EgQIAhAB", DateRange.WEEK: "EgQIAxAB", DateRange.MONTH: "EgQIBBAB"}
MESSAGES: Final = {
    "rate_limited": "YouTube asks to slow down.",
    "refused": "YouTube refuses this server; set APIFY_API_TOKEN to search through Apify.",
    "down": "YouTube has a fault of its own.",
    "timeout": "YouTube did not answer in time.",
    "unreachable": "YouTube cannot be reached.",
    "bad_answer": "YouTube answered in a form that is not understood.",
    "crashed": "The search of YouTube ended unexpectedly.",
}
RETRYABLE: Final = frozenset(MESSAGES) - {"refused"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What one process reads: pages of results cut at `most`, or the pages of single videos."""

    urls: tuple[str, ...]
    most: int
    is_list: bool


def open_search(query: ScrapeQuery, stopped: Callable[[], bool]) -> "Search":
    """The search of a query at YouTube."""
    return Search(query, stopped)


class Search(Steps):
    """A step for each keyword, or for each ten posts of a look."""

    service = SERVICE

    def plan(self) -> Sequence[Step]:
        """Addresses of result pages, or of the posts themselves."""
        urls = self.query.urls
        if urls:
            return [Step(urls[start : start + BATCH], BATCH, False) for start in range(0, len(urls), BATCH)]
        sp = FILTERS[self.query.date_range]
        pages = (urlencode({"search_query": keyword, "sp": sp}) for keyword in self.query.keywords)
        return [Step((f"https://www.youtube.com/results?{page}",), self.each, True) for page in pages]

    def ask(self, step: object) -> tuple[object, ...]:
        """What the process finds for one step; it does not outlive this call."""
        assert isinstance(step, Step)
        Path(settings.SCRATCH).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.SCRATCH, prefix="search-", ignore_cleanup_errors=True) as folder:
            request = json.dumps(_request(step)).encode() + b"\n"
            upstream = _upstream()
            proxy = Proxy(upstream=upstream, caps=Caps(seconds=settings.SCRAPING_SEARCH_SECONDS + CLOSES_AFTER))
            with Child(request, Path(folder), "kapture.gateways.media.searching", proxy=proxy) as child:
                try:
                    return self._heard(child)
                finally:
                    rotation.record(upstream, proxy.notes)

    def _heard(self, child: Child) -> tuple[object, ...]:
        found: list[object] = []
        until = time.monotonic() + settings.SCRAPING_SEARCH_SECONDS
        for line in child.lines(TICK):
            if self.stopped():
                # The caller's next report raises; what was found by now is asked for again, if ever.
                return ()
            if time.monotonic() > until:
                raise _failed("timeout")
            message = _read(line)
            if "item" in message:
                found.append(message["item"])
            elif "failed" in message:
                logger.info("search failed: %s (%s)", message["failed"], str(message.get("detail"))[:500])
                raise _failed(str(message["failed"]), message.get("retry_after"))
            elif "done" in message:
                return tuple(found)
        logger.warning("search process ended with %s: %s", child.process.wait(), child.log_tail())
        raise _failed("crashed")


def _request(step: Step) -> dict[str, Any]:
    return {
        "urls": step.urls,
        "most": step.most,
        "is_list": step.is_list,
        "seconds": settings.SCRAPING_SEARCH_SECONDS,
        # The stand-in signs its own certificate; nobody else is believed without a right one.
        "is_stand_in": _is_stand_in(),
    }


def _is_stand_in() -> bool:
    return bool(SERVICE in settings.SANDBOX and settings.YOUTUBE_PROXY)


def _upstream() -> Upstream | None:
    """The proxy of searches, else one of those of downloads; raises `VendorFailed` while all of them rest."""
    if settings.YOUTUBE_PROXY:
        return parse(settings.YOUTUBE_PROXY, names_only=_is_stand_in())
    try:
        return rotation.pick()
    except FetchFailed as resting:
        raise _failed("unreachable") from resting


def _read(line: bytes | None) -> dict[str, Any]:
    if not line:
        return {}
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        raise _failed("crashed") from None
    return message if isinstance(message, dict) else {}


def _failed(reason: str, retry_after: int | None = None) -> VendorFailed:
    known = reason if reason in MESSAGES else "crashed"
    return VendorFailed(SERVICE, known, MESSAGES[known], retryable=known in RETRYABLE, retry_after=retry_after)
