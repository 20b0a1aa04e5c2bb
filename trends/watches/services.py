"""What people do with their watches; each is one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from kapture.audit.services import record
from kapture.core.context import acting_key
from kapture.core.errors import Conflict, Forbidden
from kapture.gateways.webhooks import check_target
from trends.models import Rule, Scrape, Watch, WatchRun
from trends.watches.queries import schedule_of, spec_of
from trends.watches.runs import begin
from trends.watches.schedule import minute_of
from trends.watches.specs import MOST_WATCHES, WatchSpec

State = Watch.State


def create_watch(user: Any, spec: WatchSpec) -> Watch:
    """Keep a watch, which runs within a minute for the first time (or at its first cron time).

    Raises `Conflict` for more than twenty, and `Forbidden` to a key with a daily cap.
    """
    _require_no_cap("make a watch")
    now = timezone.now()
    with transaction.atomic():
        # Whoever adds a watch waits for others who do, so that nobody gets a twenty-first.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if Watch.objects.for_user(user).count() >= MOST_WATCHES:
            raise Conflict(f"You have {MOST_WATCHES} watches, which is the most there can be. Delete one first.")
        watch = Watch(owner=user, seen_at=now)
        _apply(watch, spec)
        watch.created_at = now
        watch.next_run_at = schedule_of(watch).after(now) if spec.cron else minute_of(now)
        watch.save(force_insert=True)
        _keep_rules(watch, spec)
        record(user, "trends.watch_created", watch, keywords=list(spec.keywords))
    return watch


def change_watch(user: Any, pk: UUID, spec: WatchSpec) -> Watch:
    """Make a watch as told; its next slot is the next one of the new schedule.

    Raises `NotFound`, and `Forbidden` to a key with a daily cap that changes when it runs or adds a platform.
    """
    with transaction.atomic():
        watch = _locked(user, pk)
        _change(user, watch, spec)
    return watch


def amend_watch(user: Any, pk: UUID, fields: Mapping[str, Any], state: Watch.State | None = None) -> Watch:
    """Change the named fields of a watch, and whether it runs: all or nothing; what is not named stays.

    Raises what `change_watch` and `set_state` raise.
    """
    with transaction.atomic():
        watch = _locked(user, pk)
        if fields:
            # Read behind the lock, so that nobody writes back what somebody else has changed meanwhile.
            _change(user, watch, replace(spec_of(watch), **fields))
        if state is not None:
            _switch(user, watch, state)
    return watch


def set_state(user: Any, pk: UUID, state: Watch.State) -> Watch:
    """Pause a watch or let it run again, from its next slot on; told twice, nothing changes.

    Raises `NotFound`, and `Forbidden` to a key with a daily cap that lets it run again.
    """
    with transaction.atomic():
        watch = _locked(user, pk)
        _switch(user, watch, state)
    return watch


def run_now(user: Any, pk: UUID) -> WatchRun:
    """Run a watch at once, besides its slots.

    Raises `NotFound`, `Conflict` while a run is at work, and what a scrape raises: `UsageExceeded`, `Unavailable`.
    """
    with transaction.atomic():
        watch = _locked(user, pk)
        if WatchRun.objects.filter(watch=watch, state=WatchRun.State.RUNNING).exists():
            raise Conflict("This watch is running already.")
        now = timezone.now()
        run = WatchRun.objects.create(watch=watch, slot=now, by_hand=True)
        Watch.objects.filter(pk=watch.pk).update(last_run_at=now)
        begin(watch, run)
        record(user, "trends.watch_run", watch)
    return run


def delete_watch(user: Any, pk: UUID) -> None:
    """Delete a watch with its runs, rules and alerts; the trends it found stay. Raises `NotFound`."""
    with transaction.atomic():
        watch = _locked(user, pk)
        _wait_for_batches(watch)
        record(user, "trends.watch_deleted", watch, name=watch.name)
        watch.delete()


def see(user: Any, pk: UUID) -> Watch:
    """Count everything a watch found until now as seen by its owner. Raises `NotFound`."""
    watch: Watch = Watch.objects.fetch(user, pk)
    Watch.objects.filter(pk=watch.pk).update(seen_at=timezone.now())
    return watch


def _locked(user: Any, pk: UUID) -> Watch:
    watch: Watch = Watch.objects.select_for_update(of=("self",), no_key=True).fetch(user, pk)
    return watch


def _wait_for_batches(watch: Watch) -> None:
    """Let searches of a watch store what they are storing, and keep them from storing more for it.

    What they noted is then seen by whoever deletes the watch. The locks are taken in the order of the searches: their
    own row, then the run's.
    """
    at_work = WatchRun.objects.filter(watch=watch, state=WatchRun.State.RUNNING)
    list(Scrape.objects.select_for_update(of=("self",)).filter(watch_run__in=at_work).order_by("pk"))
    list(at_work.select_for_update().order_by("pk"))


def _require_no_cap(what: str) -> None:
    """Raise `Forbidden` to a key with a daily cap: the clock runs watches without a key, so no cap would bound them."""
    key = acting_key.get()
    if key is not None and key.daily_cap is not None:
        raise Forbidden(
            f"A key with a daily cap cannot {what}: what watches take by themselves is not counted against its cap. "
            "Use a key without a cap, or the website."
        )


def _change(user: Any, watch: Watch, spec: WatchSpec) -> None:
    """Make a locked watch as told."""
    is_moved = (spec.every_minutes, spec.cron) != (watch.every_minutes, watch.cron)
    # Another schedule that is no denser gives more runs all the same, when it is changed again and again.
    if is_moved or not set(spec.platforms) <= set(watch.platforms):
        _require_no_cap("change when a watch runs or add a platform to it")
    _apply(watch, spec)
    if watch.state == State.ACTIVE and is_moved:
        watch.next_run_at = schedule_of(watch).after(timezone.now())
    watch.save()
    _keep_rules(watch, spec)
    record(user, "trends.watch_changed", watch)


def _switch(user: Any, watch: Watch, state: Watch.State) -> None:
    """Pause a locked watch or let it run again."""
    if watch.state == state:
        return
    if state == State.ACTIVE:
        _require_no_cap("let a watch run again")
    watch.state = state
    watch.next_run_at = schedule_of(watch).after(timezone.now()) if state == State.ACTIVE else None
    watch.save(update_fields=["state", "next_run_at", "updated_at"])
    record(user, "trends.watch_paused" if state == State.PAUSED else "trends.watch_resumed", watch)


def _apply(watch: Watch, spec: WatchSpec) -> None:
    watch.name, watch.keywords, watch.platforms = spec.name, list(spec.keywords), list(spec.platforms)
    watch.limit, watch.date_range, watch.min_views = spec.limit, spec.date_range or "", spec.min_views
    watch.language, watch.every_minutes, watch.cron = spec.language, spec.every_minutes, spec.cron
    watch.mails = spec.mails
    watch.webhook_url = check_target(spec.webhook_url) if spec.webhook_url else ""


def _keep_rules(watch: Watch, spec: WatchSpec) -> None:
    """Add, switch and remove rules; one that stays as it is keeps the moment from which it counts."""
    wanted = {rule.key: rule for rule in spec.rules}
    # A search that raises alerts of these rules is waited for, so that a rule goes with all of its alerts.
    for rule in Rule.objects.select_for_update().filter(watch=watch).order_by("pk"):
        told = wanted.pop((rule.metric, rule.at_least), None)
        if told is None:
            rule.delete()
        elif told.is_on != rule.is_on:
            rule.is_on = told.is_on
            rule.save(update_fields=["is_on", "updated_at"])
    for told in wanted.values():
        Rule.objects.create(watch=watch, metric=told.metric, at_least=told.at_least, is_on=told.is_on)
