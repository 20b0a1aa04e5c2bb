"""What was deleted goes for good after thirty days, in small batches that leave nobody waiting."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import OperationalError, transaction

from trends.models import Change, PlatformTotal, Trend

KEPT: Final = timedelta(days=30)
# So many rows of one owner a round, and owners a round; what is left waits for the next.
BATCH: Final = 500
OWNERS: Final = 200


def empty_trash(now: datetime) -> int:
    """Delete trends that were in the trash for thirty days, with their history; how many went.

    Each owner gets a batch of their own, so that one with very many holds up nobody.
    """
    due = Trend.objects.filter(trashed_at__lt=now - KEPT)
    owners = due.order_by().values_list("owner_id", flat=True).distinct()[:OWNERS]
    return sum(_empty(due.filter(owner_id=owner), owner) for owner in list(owners))


def forget_changes(now: datetime) -> int:
    """Delete what undoes changes older than thirty days; how many went."""
    return _delete(Change.objects.filter(created_at__lt=now - KEPT), BATCH * 10)


def _empty(rows: Any, owner: Any) -> int:
    try:
        with transaction.atomic():
            # The lock of all writers: a scrape that just measures one of them again must not find it gone.
            list(PlatformTotal.objects.select_for_update().filter(owner_id=owner).order_by("platform"))
            return _delete(rows, BATCH)
    except OperationalError as error:
        if "lock timeout" not in str(error):
            raise
        # A scrape is busy with them; the next round is soon enough.
        return 0


def _delete(rows: Any, most: int) -> int:
    keys = list(rows.order_by().values_list("pk", flat=True)[:most])
    rows.model.objects.filter(pk__in=keys).delete()
    return len(keys)
