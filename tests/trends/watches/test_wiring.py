"""A watch from its slot to its alerts with the stand-in, and what is entered into the registers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification, User
from kapture.core.choices import Platform
from kapture.core.oracle import verify
from kapture.jobs.models import Job, State
from kapture.jobs.runner import run_job
from kapture.jobs.services import cancel
from kapture.sandbox.control import Control
from kapture.schedule import BEAT
from tests.trends.conftest import apify
from tests.trends.watches.conftest import scrape_of, spec
from trends.models import Alert, Metric, Scrape, Watch, WatchRun, WatchTrend
from trends.watches import tasks
from trends.watches.runs import KEPT, forget_runs
from trends.watches.services import create_watch, delete_watch, run_now
from trends.watches.specs import RuleSpec
from trends.watches.telling import ALERT
from trends.watches.wiring import keep_watch

__all__ = ["apify"]
pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
RULES = (RuleSpec(Metric.REACH, 1),)


def work() -> None:
    """One attempt at every job that waits."""
    for pk in Job.objects.filter(state=State.QUEUED).values_list("pk", flat=True):
        run_job(pk)


def sound() -> None:
    assert {rule.name: found for rule, found in verify() if found} == {}


def test_a_slot_becomes_searches_posts_alerts_and_one_notification(alice: User, apify: Control) -> None:
    watch = create_watch(alice, spec(platforms=(Platform.YOUTUBE, Platform.X), rules=RULES))
    tasks.run_watches()
    jobs = list(Job.objects.order_by("created_at"))
    run_job(jobs[0].pk)
    assert WatchRun.objects.get().state == WatchRun.State.RUNNING
    sound()
    run_job(jobs[1].pk)
    run = WatchRun.objects.get(watch=watch)
    assert (run.state, run.fresh) == (WatchRun.State.DONE, WatchTrend.objects.count())
    assert Alert.objects.count() == run.fresh > 0
    assert Notification.objects.get(kind=ALERT).title == f"{run.fresh} alerts from Lamps"
    tasks.grade_alerts()
    sound()


def test_a_platform_that_failed_is_named_and_the_other_is_kept(alice: User, apify: Control) -> None:
    create_watch(alice, spec(platforms=(Platform.YOUTUBE, Platform.X), rules=RULES))
    apify.fault("status", "POST /v2/actors/*/runs", status=402)
    tasks.run_watches()
    work()
    run = WatchRun.objects.get()
    assert run.state == WatchRun.State.DONE
    assert run.note in {f"{name}: The credit at Apify is used up." for name in ("YouTube", "X")}
    assert run.found > 0
    sound()


def test_a_platform_that_is_off_is_named(alice: User, apify: Control, settings: object) -> None:
    settings.SCRAPING_PROVIDERS = {"x": "off"}
    create_watch(alice, spec(platforms=(Platform.YOUTUBE, Platform.X)))
    tasks.run_watches()
    work()
    assert WatchRun.objects.get().note == "X is switched off here."


def test_a_cancelled_search_ends_the_run(alice: User, apify: Control) -> None:
    watch = create_watch(alice, spec())
    run_now(alice, watch.pk)
    cancel(Job.objects.get(), alice)
    run = WatchRun.objects.get()
    assert (run.state, run.note) == (WatchRun.State.FAILED, "YouTube: Cancelled")
    sound()


def test_a_watch_that_is_deleted_in_the_middle_leaves_what_it_found(alice: User, apify: Control) -> None:
    watch = create_watch(alice, spec(rules=RULES))
    tasks.run_watches()
    delete_watch(alice, watch.pk)
    work()
    assert Job.objects.get().state == State.COMPLETED
    assert not Alert.objects.exists()
    sound()


def test_the_demo_user_has_a_watch_that_is_running(alice: User, apify: Control) -> None:
    keep_watch(alice)
    work()
    watch = Watch.objects.get(owner=alice)
    assert watch.runs.get().state == WatchRun.State.DONE
    assert watch.next_run_at > watch.last_run_at


def test_old_runs_are_forgotten_unless_a_search_needs_them(watch: Watch) -> None:
    old = timezone.now() - KEPT - timedelta(days=1)
    made = WatchRun.objects.create
    gone, kept = made(watch=watch, slot=old, state="done"), made(watch=watch, slot=timezone.now(), state="done")
    running, needed = made(watch=watch, slot=old - HOUR), made(watch=watch, slot=old - 2 * HOUR, state="done")
    more = made(watch=watch, slot=old + HOUR, state="skipped")
    done, _ = scrape_of(gone), scrape_of(needed)
    Job.objects.filter(pk=done.job_id).update(state=State.COMPLETED)
    assert forget_runs(timezone.now(), most=1) == 1
    assert set(WatchRun.objects.all()) == {kept, running, needed, more}
    tasks.forget_old_runs()
    assert set(WatchRun.objects.all()) == {kept, running, needed}
    assert Scrape.objects.get(pk=done.pk).watch_run is None


def test_beat_knows_the_tasks() -> None:
    names = {entry["task"] for entry in BEAT.values()}
    assert {tasks.run_watches.name, tasks.grade_alerts.name, tasks.forget_old_runs.name} <= names
