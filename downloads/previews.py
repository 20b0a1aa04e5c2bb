"""A look at an address before anything is spent."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from billing.queries import KindUsage, usage_of
from downloads.models import Download
from downloads.queries import already_there
from downloads.specs import plain
from kapture.core.choices import UsageKind
from kapture.core.errors import RateLimited
from kapture.gateways.media import engine, switch
from kapture.gateways.media.reasons import FetchFailed
from kapture.gateways.media.types import About

BUSY_SECONDS = int(engine.PREVIEW_SECONDS) + 5


@dataclass(frozen=True, slots=True)
class Preview:
    """What a download would be: what the site tells, or the `problem`; its cost is one unit of `usage`."""

    url: str
    usage: KindUsage
    about: About | None = None
    problem: FetchFailed | None = None
    duplicate: Download | None = None


def preview(user: Any, url: str) -> Preview:
    """Look at an address, in seconds; raises `InvalidInput` for a bad link, `RateLimited` while another look runs.

    Call it outside a transaction: it waits for the site.
    """
    link = plain(url)
    key = f"downloads:preview:{user.pk}"
    # Each look is a process: one at a time per person. A cache that is away lets the look through.
    if cache.add(key, 1, timeout=BUSY_SECONDS) is False:
        raise RateLimited("Another link is being looked at. Wait a moment.", retry_after=3)
    about, problem = None, None
    try:
        about = switch.preview(link)
    except FetchFailed as failure:
        problem = failure
    finally:
        cache.delete(key)
    usage = usage_of(user, UsageKind.DOWNLOAD, timezone.now())
    return Preview(link, usage, about, problem, already_there(user, link))
