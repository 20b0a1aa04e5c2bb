"""Payments while things break: events doubled, shuffled and lost, workers and web processes killed at every step."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from django.db.models import Count
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from billing.demo import put_on_sale
from billing.models import Checkout, Customer, Plan, Subscription, UsagePeriod
from billing.queries import plan_of
from billing.services import ask_reconcile, choose_plan, start
from kapture.inbox.models import WebhookEvent
from kapture.jobs.models import Job
from kapture.sandbox.server import Server
from kapture.sandbox.stripe import StripeStandIn
from tests.billing.crowd import race_for_the_last
from tests.billing.till import ADDRESS, KEY, SECRET, Till
from tests.faults.system import PYTHON, System, assert_invariants

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = (
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.paid",
)
COPIES = (1, 2, 5, 10, 20, 50)
# Around asking Stripe, writing what it said, and the end of the job that does it.
POINTS = (
    "jobs.claimed",
    "billing.fetched",
    "billing.applied",
    "jobs.before_finish",
    "jobs.inside_finish",
    "jobs.after_finish",
)
CLICK = """
import django
django.setup()
from accounts.models import User
from billing.models import Plan
from billing.services import start
start(User.objects.get(email="alice@example.com"), plan=Plan.objects.get(slug="creator"))
"""


@pytest.fixture
def till(system: System, plans: None, live_server: LiveServer, settings: Settings) -> Iterator[Till]:
    """An account that sends its events to a web server of this process; workers are processes of their own."""
    with Server(StripeStandIn(webhook_secret=SECRET, deliver="manual", retry_seconds=0.2)) as server:
        till = Till(server)
        till.point_at(f"{live_server.url}{ADDRESS}", SECRET)
        values = {"STRIPE_SECRET_KEY": KEY, "STRIPE_WEBHOOK_SECRET": SECRET, "STRIPE_API_BASE": server.url}
        for name, value in values.items():
            setattr(settings, name, value)
        system.env |= values
        settings.SANDBOX = frozenset({"stripe"})
        put_on_sale()
        yield till


def drain(system: System) -> None:
    """Wait until nothing is left to do, jobs that other jobs made included."""
    system.until(lambda: not Job.objects.active().exists(), 180)


def equal(till: Till, user: User) -> None:
    """Our copy is the account's state."""
    theirs, ours = till.subscription(user), Subscription.objects.get(user=user)
    assert (ours.stripe_id, ours.status, ours.price_id) == (
        theirs["id"],
        theirs["status"],
        theirs["items"]["data"][0]["price"]["id"],
    )


def ids(till: Till, since: int) -> dict[str, str]:
    return {event["type"]: event["id"] for event in till.told()[since:]}


@pytest.mark.timeout(600)
def test_every_order_of_events_with_up_to_fifty_copies_each_ends_as_stripe_has_it(system: System, till: Till) -> None:
    system.dispatcher()
    system.worker(4)
    people = []
    for number, order in enumerate(permutations(NAMES)):
        user = User.objects.create_user(f"order-{number}@example.com")
        since = len(till.told())
        till.buy(user)
        sub = till.subscription(user)["id"]
        till.form(f"/v1/subscriptions/{sub}", cancel_at_period_end="true")
        till.act(sub, "end")
        found = ids(till, since)
        copies = COPIES[number % len(COPIES)]
        answers = till.deliver([found[name] for name in order], copies=copies, parallel=True, gap_ms=1)
        assert {answer["status"] for answer in answers} == {200}
        assert len(answers) == 4 * copies
        people.append(user)
    drain(system)
    for user in people:
        equal(till, user)
        assert plan_of(user).slug == "free"
    assert WebhookEvent.objects.count() == 24 * 4
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"applied"}
    applied = Job.objects.filter(kind="inbox.apply").values("subject_id").annotate(times=Count("pk"))
    assert {row["times"] for row in applied} == {1}
    assert set(Job.objects.values_list("state", flat=True)) == {"completed"}
    assert_invariants()


def test_a_payment_told_fifty_times_at_once_is_given_once(system: System, till: Till, alice: User) -> None:
    system.dispatcher()
    system.worker(4)
    till.turn(deliver="on", copies=50.0)
    till.top_up(alice)
    system.until(lambda: Checkout.objects.filter(state="paid").exists())
    drain(system)
    assert UsagePeriod.objects.get(source=UsagePeriod.Source.PURCHASE).limit == 50
    assert_invariants()


def test_webhooks_lost_for_an_hour_are_repaired_in_one_cycle(
    system: System, till: Till, alice: User, bob: User
) -> None:
    till.turn(deliver="off")
    till.buy(alice)
    till.buy(bob)
    till.act(till.subscription(bob)["id"], "end")
    system.dispatcher()
    system.worker()
    assert ask_reconcile()
    drain(system)
    for user in (alice, bob):
        equal(till, user)
    assert (plan_of(alice).slug, plan_of(bob).slug) == ("creator", "free")
    assert_invariants()


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_anywhere_gives_what_was_paid_once(system: System, till: Till, alice: User, point: str) -> None:
    till.turn(deliver="on")
    till.top_up(alice)
    till.buy(alice)
    system.until(lambda: WebhookEvent.objects.filter(kind="checkout.session.completed").count() == 2)
    system.dispatcher()
    system.worker(1, CRASH=f"{point}:1")
    drain(system)
    assert (system.folder / "crashed").exists(), "the crash point was never passed"
    equal(till, alice)
    assert plan_of(alice).slug == "creator"
    assert UsagePeriod.objects.filter(source=UsagePeriod.Source.PURCHASE).count() == 1
    assert set(Job.objects.values_list("state", flat=True)) == {"completed"}
    assert_invariants()


@pytest.mark.parametrize("point", ["billing.fetched", "billing.applied", "jobs.inside_finish"])
def test_a_reconciliation_killed_anywhere_is_finished_by_the_next_worker(
    system: System, till: Till, alice: User, bob: User, point: str
) -> None:
    till.turn(deliver="off")
    for user in (alice, bob):
        till.buy(user)
    Customer.objects.update(synced_at=None)
    assert ask_reconcile()
    system.dispatcher()
    system.worker(1, CRASH=f"{point}:1")
    drain(system)
    assert (system.folder / "crashed").exists(), "the crash point was never passed"
    for user in (alice, bob):
        equal(till, user)
    assert_invariants()


@pytest.mark.parametrize("point", ["billing.customer_made", "billing.checkout_made"])
def test_a_web_process_killed_on_the_way_to_pay_leaves_one_customer_and_one_visit(
    system: System, till: Till, alice: User, point: str
) -> None:
    click: Any = system._start(PYTHON, "-W", "ignore", "-c", CLICK, CRASH=f"{point}:1")
    assert click.wait(60) == -9, system.logs()
    visit = start(alice, plan=Plan.objects.get(slug="creator"))
    assert visit.url
    with till.store.lock:
        assert len(till.store.oldest("customer")) == 1
        assert len(till.store.oldest("checkout.session")) == 1
    assert Customer.objects.count() == Checkout.objects.count() == 1


@pytest.mark.timeout(300)
def test_of_fifty_at_once_on_the_last_unit_one_wins_in_200_rounds(plans: None, alice: User) -> None:
    plan = Plan.objects.create(name="Ten", slug="ten", scrapes=10, downloads=10, ai_generations=10)
    choose_plan(alice, plan, alice)
    race_for_the_last(alice, 10, rounds=200)
    assert_invariants()
