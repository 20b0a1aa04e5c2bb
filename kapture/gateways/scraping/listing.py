"""Reddit without a key: its public listing, one fixed host, small answers, no redirects."""

import json
import re
import time
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError

from kapture.core.errors import VendorFailed
from kapture.gateways.bodies import TooLarge, TooLate, whole
from kapture.gateways.scraping.steps import Steps
from kapture.gateways.scraping.types import DateRange, ScrapeQuery

SERVICE: Final = "reddit"
CONNECT_SECONDS: Final = 5.0
MAX_BODY: Final = 8 << 20
LONGEST_WAIT: Final = 600
MOST_IDS: Final = 100
TIMES: Final = {None: "all", DateRange.DAY: "day", DateRange.WEEK: "week", DateRange.MONTH: "month"}
POST_ID: Final = re.compile(r"/comments/([0-9a-z]{4,13})(?:/|$)")
MESSAGES: Final = {
    "rate_limited": "Reddit asks to slow down.",
    "refused": "Reddit refuses this server; set APIFY_API_TOKEN to search through Apify.",
    "bad_request": "Reddit did not accept this search.",
    "down": "Reddit has a fault of its own.",
    "timeout": "Reddit did not answer in time.",
    "unreachable": "Reddit cannot be reached.",
    "too_large": "Reddit sent far more than was asked for.",
    "bad_answer": "Reddit answered in a form that is not understood.",
}
RETRYABLE: Final = frozenset({"rate_limited", "down", "timeout", "unreachable", "bad_answer"})


def open_search(query: ScrapeQuery, stopped: Callable[[], bool]) -> "Listing":
    """The search of a query at Reddit."""
    return Listing(query, stopped)


class Listing(Steps):
    """A step for each keyword, or for each hundred posts of a look."""

    service = SERVICE

    def plan(self) -> Sequence[str]:
        """Paths and queries, one request each."""
        query = self.query
        if query.urls:
            ids = [f"t3_{found[1]}" for url in query.urls if (found := POST_ID.search(url))]
            batches = [ids[start : start + MOST_IDS] for start in range(0, len(ids), MOST_IDS)]
            return [f"/api/info.json?{urlencode({'id': ','.join(batch), 'raw_json': 1})}" for batch in batches]
        sort = "top" if query.date_range else "relevance"
        fixed = {"sort": sort, "t": TIMES[query.date_range], "type": "link", "limit": self.each, "raw_json": 1}
        return [f"/search.json?{urlencode({'q': keyword, **fixed})}" for keyword in query.keywords]

    def ask(self, step: object) -> tuple[object, ...]:
        """The things of one listing."""
        value = _answer(f"{settings.REDDIT_API_URL}{step}")
        data = value.get("data") if isinstance(value, dict) else None
        things = data.get("children") if isinstance(data, dict) else None
        if not isinstance(things, list):
            raise _failed("bad_answer")
        return tuple(things)


def _answer(url: str) -> Any:
    headers = {"User-Agent": settings.REDDIT_USER_AGENT, "Accept": "application/json"}
    timeout = (CONNECT_SECONDS, settings.REDDIT_READ_SECONDS)
    try:
        with requests.Session() as session:
            # No proxy and no .netrc of the machine takes part.
            session.trust_env = False
            with session.get(url, headers=headers, timeout=timeout, allow_redirects=False, stream=True) as response:
                _check(response)
                body = whole(response, most=MAX_BODY, until=time.monotonic() + settings.REDDIT_READ_SECONDS)
    except TooLarge as error:
        raise _failed("too_large") from error
    except (requests.Timeout, TooLate) as error:
        raise _failed("timeout") from error
    except (requests.RequestException, HTTPError, OSError) as error:
        raise _failed("unreachable") from error
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _failed("bad_answer") from error


def _check(response: requests.Response) -> None:
    status = response.status_code
    if status == 429:
        raise _failed("rate_limited", _wanted_wait(response))
    if status >= 500:
        raise _failed("down", _wanted_wait(response))
    # A redirect leads to a page for people to sign in.
    if status in {401, 403} or 300 <= status < 400:
        raise _failed("refused")
    if status != 200:
        raise _failed("bad_request")


def _wanted_wait(response: requests.Response) -> int | None:
    header = response.headers.get("Retry-After", "").strip()
    is_number = header.isascii() and header.isdigit() and len(header) < 9
    return max(1, min(int(header), LONGEST_WAIT)) if is_number else None


def _failed(reason: str, retry_after: int | None = None) -> VendorFailed:
    return VendorFailed(SERVICE, reason, MESSAGES[reason], retryable=reason in RETRYABLE, retry_after=retry_after)
