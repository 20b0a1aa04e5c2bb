"""The clock of watches: what is due is run, each slot once, in turn between people.

Beat and the cron endpoint call `tick`, also at once and from many processes: a watch is locked while its slot is taken,
its next slot is moved in the same transaction, and a slot has one row. Missed slots are made up for by one run.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from kapture.core.crash import crashpoint
from kapture.core.errors import Unavailable, UsageExceeded
from trends.models import Watch, WatchRun
from trends.watches.queries import schedule_of
from trends.watches.runs import begin
from trends.watches.telling import tell_skipped

MOST_AT_ONCE: Final = 200
# No cron time that comes at least monthly lies further ahead.
FAR: Final = timedelta(days=32)
RUNS = WatchRun.State

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick did: runs that began, and slots that were skipped."""

    started: int = 0
    skipped: int = 0


def tick(now: datetime | None = None, most: int = MOST_AT_ONCE) -> Ticked:
    """Run watches that are due, one of each person in turn, those that wait longest first; at most `most`."""
    now = now or timezone.now()
    _mend(now)
    began = [_carefully(pk, now) for pk in due(now, most)]
    return Ticked(started=began.count(RUNS.RUNNING), skipped=began.count(RUNS.SKIPPED))


def due(now: datetime, most: int = MOST_AT_ONCE) -> list[UUID]:
    """Watches of active people whose slot has come: everybody's longest waiting one before anybody's second."""
    turn = Window(RowNumber(), partition_by=F("owner"), order_by=["next_run_at", "pk"])
    rows = _runnable().filter(next_run_at__lte=now).order_by().annotate(turn=turn).order_by("turn", "next_run_at", "pk")
    return list(rows.values_list("pk", flat=True)[:most])


def _runnable() -> QuerySet[Watch]:
    """Watches that run, of people who may have work done."""
    return Watch.objects.filter(state=Watch.State.ACTIVE, owner__is_active=True)


def _carefully(pk: UUID, now: datetime) -> str:
    """Let no watch that breaks keep others from their turn; it is tried again at the next tick."""
    try:
        return _take(pk, now)
    except Exception:  # whatever nobody foresaw, the others are due as well
        logger.exception("watch %s cannot be run", pk)
        return ""


def _take(pk: UUID, now: datetime) -> str:
    """Take the due slot of a watch and begin its run; answers the state of the run, empty when there was none."""
    with transaction.atomic():
        rows = Watch.objects.select_for_update(skip_locked=True, of=("self",), no_key=True).select_related("owner")
        watch = rows.filter(pk=pk, state=Watch.State.ACTIVE, owner__is_active=True, next_run_at__lte=now).first()
        if watch is None or watch.next_run_at is None:
            return ""
        busy = WatchRun.objects.filter(watch=watch, state=RUNS.RUNNING).exists()
        # After a clock was set back a slot may come twice; it has its run already.
        run, is_new = WatchRun.objects.get_or_create(watch=watch, slot=watch.next_run_at)
        Watch.objects.filter(pk=pk).update(
            next_run_at=schedule_of(watch).after(now), last_run_at=now if is_new else F("last_run_at")
        )
        crashpoint("trends.watch_taken")
        if not is_new:
            return ""
        if busy:
            return _skip(run, "The run before was still at work.", now)
        return _begin(watch, run, now)


def _begin(watch: Watch, run: WatchRun, now: datetime) -> str:
    try:
        with transaction.atomic():
            begin(watch, run)
    except UsageExceeded as refusal:
        tell_skipped(watch, refusal, now)
        return _skip(run, refusal.message, now)
    except Unavailable as refusal:
        return _skip(run, refusal.message, now)
    return str(RUNS.RUNNING)


def _skip(run: WatchRun, why: str, now: datetime) -> str:
    run.state, run.note, run.finished_at = RUNS.SKIPPED, why[:300], now
    run.save(update_fields=["state", "note", "finished_at", "updated_at"])
    return str(RUNS.SKIPPED)


def _mend(now: datetime) -> None:
    """Bring back slots further ahead than their schedule reaches, after a clock that ran ahead was set back."""
    ahead = Q(cron="", next_run_at__gt=now + F("every_minutes") * timedelta(minutes=1))
    rare = ~Q(cron="") & Q(next_run_at__gt=now + FAR)
    for watch in _runnable().filter(ahead | rare).order_by("cron", "-next_run_at")[:MOST_AT_ONCE]:
        slot = schedule_of(watch).after(now)
        if slot != watch.next_run_at:
            Watch.objects.filter(pk=watch.pk, next_run_at=watch.next_run_at).update(next_run_at=slot)
