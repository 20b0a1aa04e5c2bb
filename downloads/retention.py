"""For how long media is kept, by its owner's plan: when it goes, and letting it go."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Min, QuerySet

from billing.models import Plan
from billing.queries import held_plan, plan_of
from downloads.choices import State
from downloads.holdings import files_of
from downloads.models import Caption, Download, Keeping
from kapture.audit.services import record
from kapture.core.ids import new_id
from kapture.objects import services as objects

# After the days became fewer (a smaller plan, or the plan itself was changed) nothing goes for so long.
GRACE: Final = timedelta(hours=24)
# So many owners a round, and downloads of one of them; what is left waits for the next round.
OWNERS: Final = 1_000
BATCH: Final = 100
# From so many days before the end on, pages say when it is.
SOON: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Terms:
    """For how many days somebody's media is kept (None for ever), and before which moment nothing goes."""

    days: int | None
    not_before: datetime | None = None

    def expires_at(self, download: Download) -> datetime | None:
        """When the files of a download go; None when they stay, or are gone."""
        if self.days is None or download.completed_at is None or download.media_id is None:
            return None
        due = download.completed_at + timedelta(days=self.days)
        return max(due, self.not_before) if self.not_before else due

    def goes_soon(self, download: Download, now: datetime) -> datetime | None:
        """When the files go, if that is within a week."""
        moment = self.expires_at(download)
        return moment if moment is not None and moment - now < SOON else None


def terms_of(user: Any) -> Terms:
    """For how long somebody's media is kept, in three queries, whatever the number of downloads."""
    days = plan_of(user).retention_days
    seen = Keeping.objects.filter(owner_id=user.pk).first()
    return Terms(days, seen.shortened_at + GRACE if seen is not None else None)


def expires_at(user: Any, download: Download) -> datetime | None:
    """When the files of one download go; None when they stay."""
    return terms_of(user).expires_at(download)


def expire_media(now: datetime) -> int:
    """Discard the files of downloads older than their owners' plans keep them; answers how many went.

    The rows stay, with what was said in them and what the page showed. Doing it again changes nothing.
    """
    kept = dict(Plan.objects.values_list("pk", "retention_days"))
    _follow_plans(kept, now)
    gone = 0
    for owner, days in _due(kept, now):
        if _may_go(owner, days, now):
            gone += _expire(owner, now - timedelta(days=days), now)
    return gone


def _follow_plans(kept: dict[Any, int | None], now: datetime) -> None:
    """Note the days of everybody whose days were seen before and are others now."""
    for row in Keeping.objects.annotate(plan_now=held_plan("owner_id")).iterator(chunk_size=1_000):
        if row.days != kept.get(row.plan_now):
            _note(row, kept.get(row.plan_now), now)


def _note(row: Keeping, days: int | None, now: datetime) -> None:
    shorter = days is not None and (row.days is None or days < row.days)
    row.days = days
    row.shortened_at = now if shorter else row.shortened_at
    with transaction.atomic():
        row.save(update_fields=["days", "shortened_at", "updated_at"])
        if shorter:
            record(None, "downloads.kept_shorter", row, days=days)


def _live() -> QuerySet[Download]:
    return Download.objects.filter(state=State.COMPLETED, media__isnull=False)


def _due(kept: dict[Any, int | None], now: datetime) -> list[tuple[Any, int]]:
    """Owners of media that is older than their plan keeps it, with its days; those whose media is oldest first."""
    found: list[tuple[datetime, Any, int]] = []
    for plan, days in kept.items():
        if days is not None:
            old = _live().filter(completed_at__lt=now - timedelta(days=days)).alias(plan_now=held_plan("owner_id"))
            owners = old.filter(plan_now=plan).order_by().values("owner_id").annotate(oldest=Min("completed_at"))
            rows = owners.order_by("oldest").values_list("oldest", "owner_id")[:OWNERS]
            found += [(oldest, owner, days) for oldest, owner in rows]
    return [(owner, days) for _, owner, days in sorted(found, key=lambda one: one[0])[:OWNERS]]


def _may_go(owner: Any, days: int, now: datetime) -> bool:
    """Whether these days hold for this owner for long enough; the first time they are seen they begin to."""
    row = Keeping(id=new_id(), owner_id=owner, days=days, shortened_at=now)
    Keeping.objects.bulk_create([row], ignore_conflicts=True)
    return bool(Keeping.objects.filter(owner_id=owner, shortened_at__lte=now - GRACE).exists())


def _expire(owner: Any, before: datetime, now: datetime) -> int:
    with transaction.atomic():
        rows = _live().filter(owner_id=owner, completed_at__lt=before).order_by("completed_at")
        # One that is just being cut or deleted is passed over; the next round is soon enough.
        batch = list(rows.select_for_update(of=("self",), skip_locked=True)[:BATCH])
        for download in batch:
            for stored in files_of(download):
                objects.discard(stored)
        keys = [download.pk for download in batch]
        Caption.objects.filter(download_id__in=keys).update(file=None)
        Download.objects.filter(pk__in=keys).update(media=None, thumbnail=None, expired_at=now, updated_at=now)
        if batch:
            record(None, "downloads.expired", batch[0], count=len(batch))
    return len(batch)
