"""Bringing rows and bytes together again: what was discarded, what was left behind, and what no row knows."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from kapture.core.errors import VendorFailed
from kapture.gateways.storage import door
from kapture.jobs.models import ACTIVE, Job
from kapture.objects.models import StoredObject

logger = logging.getLogger(__name__)
ABANDONED_AFTER = timedelta(minutes=30)
ROWS, PAGE, PAGES, HALVES = 200, 1_000, 5, 100
# Where the next look at the store goes on. Lost with the cache, it begins anew, which costs time and nothing else.
CURSOR = "objects:swept-to"
CURSOR_SECONDS = 86_400
State = StoredObject.State


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows went with their bytes, how many files that no row knew, and how many uploads nobody ended.

    `listed` tells whether the store answered, `through` whether its listing came to its end; otherwise the next call
    goes on where it stopped.
    """

    rows: int
    strays: int = 0
    halves: int = 0
    through: bool = False
    listed: bool = True


def sweep(limit: int = ROWS) -> int:
    """Delete the bytes and rows of discarded files and of files whose job died; returns how many rows went.

    A row stays until the store says that its bytes are gone. While the store is down nothing moves.
    """
    working = Job.objects.filter(pk=OuterRef("job_id"), state__in=ACTIVE)
    left = Q(state=State.PENDING, updated_at__lt=Now() - ABANDONED_AFTER) & ~Exists(working)
    rows = StoredObject.objects.filter(Q(state=State.DELETING) | left)
    # From both ends, so that files which will not go hold up no others.
    both = [*rows.order_by("updated_at")[: limit - limit // 2], *rows.order_by("-updated_at")[: limit // 2]]
    gone = 0
    for row in {row.pk: row for row in both}.values():
        try:
            removed = door().remove(row.key)
        except VendorFailed as error:
            logger.warning("the store kept %s for now: %s", row.pk, error.reason)
            if error.reason == "store_down":
                break
            removed = False
        if removed:
            row.delete()
            gone += 1
    return gone


def sweep_strays(pages: int = PAGES, *, afresh: bool = False) -> Swept:
    """Delete files older than half an hour that no row knows, in so many pages of the listing, and go on next time.

    `afresh` begins the listing anew. Raises `VendorFailed` when the store does not answer.
    """
    store, strays = door(), 0
    after, through = "" if afresh else str(cache.get(_cursor()) or ""), False
    for _ in range(pages):
        page = store.entries(after, PAGE)
        old = [one.key for one in page if one.modified < timezone.now() - ABANDONED_AFTER]
        # Asked after the listing: a file is written after its row, so one that is listed has its row by now.
        known = set(StoredObject.objects.filter(key__in=old).values_list("key", flat=True))
        strays += sum(store.remove(key) for key in old if key not in known)
        through = len(page) < PAGE
        after = "" if through else page[-1].key
        cache.set(_cursor(), after, timeout=CURSOR_SECONDS)
        if through:
            break
    halves = store.forget_halves(HALVES) if through else 0
    return Swept(0, strays, halves, through)


def sweep_both() -> Swept:
    """Both ways, a bounded part of each; the next call goes on. A store that is down is left for later."""
    gone = sweep()
    try:
        strays = sweep_strays()
    except VendorFailed as error:
        logger.warning("the store could not be listed: %s", error.reason)
        return Swept(gone, listed=False)
    return Swept(gone, strays.strays, strays.halves, strays.through)


def _cursor() -> str:
    """The key of the place in the listing; another bucket has its own."""
    options = settings.STORAGES["default"].get("OPTIONS", {})
    return f"{CURSOR}:{options.get('bucket_name') or 'local'}"
