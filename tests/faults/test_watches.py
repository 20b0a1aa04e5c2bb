"""A watch survives the death of whoever works for it: one run a slot, one alert a post, one message to the owner."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Notification, User
from billing.models import Reservation
from kapture.core.choices import Platform
from kapture.jobs.models import Job, State
from kapture.sandbox.actors import find_generated
from kapture.sandbox.apify import ApifyStandIn
from kapture.sandbox.control import Control
from kapture.sandbox.server import Server
from kapture.sandbox.shapes import Site
from tests.faults.system import System, assert_invariants
from tests.trends.watches.receiver import Receiver, receiving
from trends.models import Alert, Mark, Metric, Purpose, Rule, Scrape, Watch, WatchRun, WatchTrend
from trends.watches.clock import tick
from trends.watches.grading import grade_due
from trends.watches.services import create_watch
from trends.watches.specs import WEBHOOK_KIND, RuleSpec, WatchSpec
from trends.watches.telling import ALERT

pytestmark = pytest.mark.django_db(transaction=True)
PLATFORMS = (Platform.TIKTOK, Platform.X)
# After a batch was noted, after the last search closed the run, and after a message was posted.
POINTS = ("trends.watch_noted", "trends.watch_closed", "trends.watch_posted")
# In the clock: after the slot was taken, after its searches were asked for; and in the grader.
CLOCK_POINTS = ("trends.watch_taken", "trends.watch_begun")
COMMAND = "from trends.watches.{module} import {name}; {name}()"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def apify(settings: Settings, system: System) -> Iterator[Control]:
    """The Apify stand-in, for this process and for the workers."""
    with Server(ApifyStandIn(find_generated(Site()), run_seconds=0.2)) as server:
        settings.APIFY_API_URL, settings.APIFY_API_TOKEN = server.url, "apify_api_test"
        system.env |= {"APIFY_API_URL": server.url, "APIFY_API_TOKEN": "apify_api_test"}
        yield Control(server.url)


@pytest.fixture
def receiver(settings: Settings, system: System) -> Iterator[Receiver]:
    """Somebody's own address."""
    with receiving() as made:
        settings.EGRESS_ALLOW = frozenset({made.pair})
        system.env["EGRESS_ALLOW"] = made.pair
        yield made


def watch_of(alice: User, receiver: Receiver) -> Watch:
    """A watch that is due, whose rule every post with views fulfils."""
    rules = (RuleSpec(Metric.REACH, 1.0),)
    return create_watch(
        alice, WatchSpec("Lamps", ("studio lighting",), PLATFORMS, 12, rules=rules, webhook_url=receiver.url)
    )


def in_a_process(system: System, module: str, name: str) -> int:
    """Call something in a process of its own; answers how it ended."""
    setup = f"import django; django.setup(); {COMMAND.format(module=module, name=name)}"
    command = [sys.executable, "-W", "ignore", "-c", setup]
    return subprocess.run(command, env=system.env, cwd=ROOT, check=False).returncode


def settled(system: System) -> None:
    """Wait until nothing works any more, messages included."""
    system.until(lambda: Job.objects.exists() and not Job.objects.active().exists(), 60)


def check(apify: Control, watch: Watch, receiver: Receiver) -> None:
    """One of everything."""
    run = WatchRun.objects.get(watch=watch)
    assert (run.state, run.found, run.note) == (WatchRun.State.DONE, WatchTrend.objects.count(), "")
    assert run.fresh == run.found > 0
    assert len(apify.get("/_sandbox/runs")) == Scrape.objects.count() == len(PLATFORMS)
    assert set(Reservation.objects.values_list("state", "settled")) == {("settled", 1)}
    assert Alert.objects.count() == WatchTrend.objects.filter(trend__reach__gte=1).count() > 0
    assert Mark.objects.count() == 3 * Alert.objects.count()
    assert Notification.objects.filter(kind=ALERT).count() == 1
    assert Job.objects.get(kind=WEBHOOK_KIND).state == State.COMPLETED
    assert len({headers["webhook-id"] for headers, _, _ in receiver.messages}) == 1
    assert_invariants()


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_step_is_replaced(
    system: System, alice: User, apify: Control, receiver: Receiver, point: str
) -> None:
    watch = watch_of(alice, receiver)
    tick()
    system.env["CRASH"] = f"{point}:1"
    system.dispatcher()
    system.worker()
    settled(system)
    assert (system.folder / "crashed").exists(), "the crash point was never passed"
    check(apify, watch, receiver)


@pytest.mark.parametrize("point", CLOCK_POINTS)
def test_a_clock_killed_at_any_step_leaves_the_slot_to_the_next(
    system: System, alice: User, apify: Control, receiver: Receiver, point: str
) -> None:
    watch = watch_of(alice, receiver)
    system.env["CRASH"] = f"{point}:1"
    assert in_a_process(system, "clock", "tick") == -9
    assert (WatchRun.objects.count(), Scrape.objects.count(), Reservation.objects.count()) == (0, 0, 0)
    assert in_a_process(system, "clock", "tick") == 0
    system.dispatcher()
    system.worker()
    settled(system)
    check(apify, watch, receiver)


def test_a_grader_killed_in_its_middle_asks_for_one_look(
    system: System, alice: User, apify: Control, receiver: Receiver
) -> None:
    watch_of(alice, receiver)
    tick()
    system.dispatcher()
    system.worker()
    settled(system)
    long_ago = timezone.now() - timedelta(hours=25)
    Rule.objects.update(updated_at=long_ago)
    Mark.objects.filter(hours=24).update(due_at=timezone.now())
    system.env["CRASH"] = "trends.watch_graded:1"
    assert in_a_process(system, "grading", "grade_due") == -9
    assert not Scrape.objects.filter(purpose=Purpose.LOOK).exists()
    assert in_a_process(system, "grading", "grade_due") == 0
    grade_due()
    looks = Scrape.objects.filter(purpose=Purpose.LOOK)
    assert sorted(looks.values_list("platform", flat=True)) == sorted(PLATFORMS)
    settled(system)
    graded = Mark.objects.filter(hours=24).exclude(state=Mark.State.WAITING)
    assert graded.count() == Mark.objects.filter(hours=24).count()
    assert set(Reservation.objects.values_list("settled", flat=True)) == {1}
    assert Reservation.objects.count() == len(PLATFORMS)
    assert_invariants()
