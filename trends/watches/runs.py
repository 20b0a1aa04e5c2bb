"""A run of a watch from its beginning to its end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils import timezone

from kapture.core.choices import Platform
from kapture.core.crash import crashpoint
from kapture.gateways.scraping import choice
from kapture.jobs.models import ACTIVE
from kapture.jobs.models import State as JobState
from trends.models import Scrape, Watch, WatchRun
from trends.services import request_bulk_scrape
from trends.watches.queries import search_of
from trends.watches.telling import tell_alerts

State = WatchRun.State
KEPT: Final = timedelta(days=90)
# So many runs are forgotten at most at once, and so many in one transaction.
MOST_FORGOTTEN: Final = 10_000
BATCH: Final = 500


def begin(watch: Watch, run: WatchRun) -> None:
    """Ask for the searches of a run in the caller's transaction; raises what they raise, then none is asked for."""
    platforms = [Platform(name) for name in watch.platforms]
    # A platform that nobody is set up to ask keeps no other from being asked; without any the refusal says what to set.
    on = [platform for platform in platforms if choice(platform).provider is not None]
    request_bulk_scrape(watch.owner, search_of(watch), on or platforms, watch_run=run)
    crashpoint("trends.watch_begun")


def close(scrape: Scrape) -> None:
    """End the run of a scrape that has just ended, if it was the last one; in that scrape's own transaction."""
    if scrape.watch_run_id is None:
        return
    # Whoever ends the other scrape of the run waits here, so that one of the two sees that both are over.
    run = WatchRun.objects.select_for_update(of=("self",)).filter(pk=scrape.watch_run_id, state=State.RUNNING).first()
    if run is None:
        return
    scrapes = list(Scrape.objects.filter(watch_run=run).select_related("job"))
    if any(one.job.is_active for one in scrapes):
        return
    run.state, run.note = _outcome(run, scrapes)
    run.finished_at = timezone.now()
    run.save(update_fields=["state", "note", "finished_at", "updated_at"])
    tell_alerts(run)
    crashpoint("trends.watch_closed")


def forget_runs(now: datetime, most: int = MOST_FORGOTTEN) -> int:
    """Delete runs of slots more than 90 days ago, but those that a search still needs; answers how many.

    What they found stays, and so do their searches.
    """
    at_work = Scrape.objects.filter(watch_run=OuterRef("pk"), job__state__in=ACTIVE)
    old = WatchRun.objects.filter(~Exists(at_work), slot__lt=now - KEPT).exclude(state=State.RUNNING)
    ids = list(old.order_by("slot").values_list("pk", flat=True)[:most])
    for start in range(0, len(ids), BATCH):
        WatchRun.objects.filter(pk__in=ids[start : start + BATCH]).delete()
    return len(ids)


def _outcome(run: WatchRun, scrapes: Sequence[Scrape]) -> tuple[WatchRun.State, str]:
    """The state of a run, and which platforms did not do their part."""
    failed = [one for one in scrapes if one.job.state != JobState.COMPLETED]
    words = [f"{one.get_platform_display()}: {one.job.error_message or one.job.get_state_display()}" for one in failed]
    asked = {one.platform for one in scrapes}
    words += [f"{Platform(name).label} is switched off here." for name in run.watch.platforms if name not in asked]
    return (State.FAILED if len(failed) == len(scrapes) else State.DONE), " ".join(words)[:300]
