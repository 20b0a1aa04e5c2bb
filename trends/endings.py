"""How a scrape ends, in words: what went wrong, what to do about it, and what is kept."""

from collections.abc import Mapping
from typing import Final

from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways.scraping import PROVIDERS, RunState
from kapture.jobs.errors import JobFailed
from trends.models import Purpose, Scrape

LATER: Final = "Try again in a few minutes."
# docs/scraping.md lists these codes; a test keeps the two alike.
REMEDIES: Final[Mapping[str, str]] = {
    "bad_token": "Somebody who runs this instance has to set a valid APIFY_API_TOKEN.",
    "no_credit": "Somebody who runs this instance has to add credit at Apify.",
    "forbidden": "The Apify account needs a plan that may run this actor.",
    "not_found": "Somebody who runs this instance has to check the name of the actor.",
    "refused": "Somebody who runs this instance can set APIFY_API_TOKEN.",
    "bad_request": "Try simpler keywords.",
    "too_large": "Ask for fewer posts.",
    "run_gone": "Start the search again.",
    "actor_failed": "Start the search again; if it fails again, try fewer keywords or another platform.",
    "rate_limited": LATER,
    "down": LATER,
    "timeout": LATER,
    "unreachable": LATER,
    "bad_answer": LATER,
    "start_unknown": LATER,
    "crashed": LATER,
    "vendor_unavailable": LATER,
}
ENDINGS: Final[Mapping[RunState, str]] = {
    RunState.FAILED: "The platform's scraper broke off",
    RunState.TIMED_OUT: "The platform's scraper ran out of time",
    RunState.ABORTED: "The platform's scraper was stopped",
}


def failed(scrape: Scrape, error: VendorFailed) -> JobFailed:
    """The end of an attempt whose provider failed."""
    return JobFailed(
        error.reason,
        f"{error.message}{kept(scrape)}",
        remedy=REMEDIES[error.reason],
        retryable=error.retryable,
        retry_after=error.retry_after,
    )


def unavailable(scrape: Scrape, error: Unavailable) -> JobFailed:
    """The end of an attempt whose provider is switched off, or rests behind its breaker."""
    rests = error.retry_after is not None
    label = PROVIDERS[scrape.vendor].label
    message = f"{label} failed several times in a row and is left alone for a while." if rests else error.message
    return JobFailed(
        "vendor_unavailable",
        f"{message}{kept(scrape)}",
        remedy=REMEDIES["vendor_unavailable"] if rests else "",
        retryable=rests,
        retry_after=error.retry_after,
    )


def broke_off(state: RunState) -> JobFailed:
    """The end of a run that is over and found nothing."""
    return JobFailed("actor_failed", f"{ENDINGS[state]} before it found anything.", remedy=REMEDIES["actor_failed"])


def kept(scrape: Scrape) -> str:
    """What stays of a scrape that fails, as a sentence to append; empty when it found nothing."""
    found = scrape.stored + scrape.merged
    if not found:
        return ""
    return " The post found until then is kept." if found == 1 else f" The {found} posts found until then are kept."


def note(scrape: Scrape, state: RunState) -> str:
    """What is to be said of a scrape that completed; empty when all is as hoped."""
    if state is not RunState.SUCCEEDED:
        return f"{ENDINGS[state]}; what it had found is kept."
    if scrape.stored or scrape.merged:
        return ""
    if scrape.purpose == Purpose.LOOK:
        return "None of these posts can be seen any more."
    return "Nothing was found for these keywords."
