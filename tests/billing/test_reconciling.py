"""What no webhook told is found out, and who leaves leaves nothing behind at Stripe."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from pytest_django import Settings

from accounts.models import User
from billing.models import Checkout, Customer, Invoice, Plan, Subscription, UsagePeriod
from billing.queries import plan_of
from billing.services import ask_reconcile, ask_sync, leave_stripe, start
from billing.services.reconciling import due_customers
from billing.services.subscriptions import alone, sync
from billing.tasks import reconcile
from kapture.audit.models import AuditEvent
from kapture.core.errors import Unavailable, VendorFailed
from kapture.core.oracle import verify
from kapture.inbox.models import WebhookEvent
from kapture.jobs.models import Job
from tests.billing.crowd import Crowd
from tests.billing.till import Till, tell, work
from tests.jobs.waiting import until

pytestmark = pytest.mark.django_db


def sound() -> None:
    assert {rule.name: ids for rule, ids in verify() if ids} == {}


def cycle() -> dict[str, Any]:
    """One reconciliation, with all that follows; what it found."""
    reconcile()
    work()
    found: dict[str, Any] = Job.objects.filter(kind="billing.reconcile", state="completed").latest("started_at").result
    return found


def older(minutes: int = 6) -> None:
    Checkout.objects.update(created_at=Now() - timedelta(minutes=minutes))


def test_one_cycle_repairs_what_no_webhook_told(till: Till, alice: User, bob: User) -> None:
    till.buy(alice)
    till.top_up(bob)
    older()
    found = cycle()
    assert (found["customers"], found["failed"]) == (2, 0)
    assert found["events"] > 0
    assert plan_of(alice).slug == "creator"
    assert UsagePeriod.objects.get(source=UsagePeriod.Source.PURCHASE).user == bob
    assert set(Checkout.objects.values_list("state", flat=True)) == {"paid"}
    till.act(till.subscription(alice)["id"], "end")
    cycle()
    assert (plan_of(alice).slug, Subscription.objects.get().status) == ("free", "canceled")
    assert Invoice.objects.get().user == alice
    assert UsagePeriod.objects.filter(source=UsagePeriod.Source.PURCHASE).count() == 1
    sound()


def test_events_that_were_never_delivered_are_taken_in_once(till: Till, alice: User) -> None:
    till.top_up(alice, way="bank")
    till.card(Customer.objects.get(user=alice).stripe_id or "", "declined")
    till.advance(days=4)
    # Of this only the event tells: a visit that is complete and unpaid may still be paid.
    assert till.told("checkout.session.async_payment_failed")
    first = cycle()
    assert Checkout.objects.get().state == "failed"
    assert first["events"] == WebhookEvent.objects.count() == 2
    assert cycle()["events"] == 0
    sound()


def test_what_is_over_is_not_asked_for_again(till: Till, alice: User, bob: User) -> None:
    till.buy(alice)
    till.act(till.subscription(alice)["id"], "end")
    start(bob, plan=Plan.objects.get(slug="creator"))
    assert not due_customers()
    older()
    assert {row.user for row in due_customers()} == {alice, bob}
    tell(till)
    assert {row.user for row in due_customers()} == {bob}
    Customer.objects.filter(user=alice).update(synced_at=None)
    assert [row.user for row in due_customers()] == [alice, bob]


@pytest.mark.parametrize("route", ["GET /v1/subscriptions*", "GET /v1/checkout/sessions/*"])
def test_one_customer_who_cannot_be_read_keeps_nobody_else_waiting(
    till: Till, alice: User, bob: User, route: str
) -> None:
    for user in (alice, bob):
        till.buy(user)
    older()
    lost = Customer.objects.get(user=alice)
    till.fault("schema", route, times=1)
    found = cycle()
    assert (found["customers"], found["failed"]) == (1, 1)
    assert lost.synced_at is not None
    assert {plan_of(user).slug for user in (alice, bob)} == {"creator"}


def test_a_customer_of_another_account_keeps_what_they_had(till: Till, alice: User) -> None:
    till.buy(alice)
    tell(till)
    till.fault("status", "GET /v1/subscriptions*", times=1, status=404)
    assert cycle()["failed"] == 1
    assert plan_of(alice).slug == "creator"


def test_visits_that_lead_to_nothing_end(till: Till, alice: User) -> None:
    plan = Plan.objects.get(slug="creator")
    rows = [Checkout.objects.create(user=alice, plan=plan) for _ in range(4)]
    Checkout.objects.filter(pk=rows[0].pk).update(created_at=Now() - timedelta(hours=25))
    Checkout.objects.filter(pk=rows[1].pk).update(created_at=Now() - timedelta(days=31), stripe_id="cs_1")
    Checkout.objects.filter(pk=rows[2].pk).update(created_at=Now() - timedelta(days=29), stripe_id="cs_2")
    ask_reconcile()
    assert [Checkout.objects.get(pk=row.pk).state for row in rows] == ["expired", "failed", "open", "open"]
    sound()


def test_it_is_asked_for_once_and_not_at_all_while_stripe_is_off(till: Till, settings: Settings) -> None:
    assert ask_reconcile()
    assert not ask_reconcile()
    work()
    assert ask_reconcile()
    settings.STRIPE_SECRET_KEY = ""
    Job.objects.all().delete()
    reconcile()
    assert not Job.objects.exists()


def test_while_stripe_is_down_it_is_tried_again(till: Till, alice: User, settings: Settings) -> None:
    start(alice, plan=Plan.objects.get(slug="creator"))
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    settings.JOB_RETRY_BASE *= 600
    reconcile()
    work()
    assert Job.objects.get().state == "queued"


def test_the_return_page_may_ask_for_one_customer(till: Till, alice: User, bob: User) -> None:
    assert not ask_sync(alice)
    till.buy(alice)
    Customer.objects.update(synced_at=None)
    assert ask_sync(alice)
    assert not ask_sync(alice)
    assert not ask_sync(bob)
    work()
    assert plan_of(alice).slug == "creator"
    assert not ask_sync(alice)
    Customer.objects.update(synced_at=Now() - timedelta(seconds=6))
    assert ask_sync(alice)
    Customer.objects.all().delete()
    work()
    assert set(Job.objects.values_list("state", flat=True)) == {"completed"}


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_was_long_on_its_way_overwrites_nothing_newer(till: Till, alice: User) -> None:
    till.buy(alice)
    customer = Customer.objects.get()
    till.clear_requests()
    till.fault("delay", "GET /v1/subscriptions*", seconds=1.5)

    def end_and_sync() -> None:
        until(lambda: till.requests("GET /v1/subscriptions*"))
        till.act(till.subscription(alice)["id"], "end")
        sync(customer)

    with Crowd(2) as crowd:
        crowd.do([partial(sync, customer), end_and_sync])
    assert Subscription.objects.get().status == "canceled"


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_for_others_is_told_so(till: Till, alice: User) -> None:
    start(alice, plan=Plan.objects.get(slug="creator"))
    customer = Customer.objects.get()
    with Crowd(1) as crowd, alone(customer):
        (told,) = crowd.do([partial(hurried, customer)])
    assert told == 5
    sync(customer)


def hurried(customer: Customer) -> int | None:
    """Sync on a connection whose statements end soon; in how many seconds to come back."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '100ms'")
    try:
        sync(customer)
    except Unavailable as busy:
        return busy.retry_after
    return None


# --- leaving ---


def living(till: Till) -> list[str]:
    with till.store.lock:
        return [sub["id"] for sub in till.store.newest("subscription") if sub["status"] != "canceled"]


def test_who_leaves_pays_no_more_and_is_deleted_there(till: Till, alice: User) -> None:
    till.buy(alice)
    tell(till)
    buyer = Customer.objects.get(user=alice).stripe_id or ""
    visit = till.top_up(alice, way="declined")
    leave_stripe(alice)
    assert not living(till)
    with till.store.lock:
        there, page = till.store.find("customer", buyer), till.store.find("checkout.session", visit)
    assert there is not None
    assert page is not None
    assert (there["deleted"], there["email"], page["status"]) == (True, None, "expired")
    assert not Customer.objects.exists()
    assert plan_of(alice).slug == "free"
    assert set(Checkout.objects.values_list("state", "url")) == {("paid", ""), ("expired", "")}
    assert not Invoice.objects.exclude(page_url="", pdf_url="").exists()
    before = list(Subscription.objects.values())
    leave_stripe(alice)
    tell(till)
    assert list(Subscription.objects.values()) == before
    assert AuditEvent.objects.filter(action="billing.subscription_left").count() == 1
    sound()


def test_who_never_bought_leaves_without_a_call(till: Till, alice: User, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    leave_stripe(alice)
    Customer.objects.create(user=alice, stripe_id="cus_1")
    with pytest.raises(Unavailable):
        leave_stripe(alice)


def test_leaving_is_repeated_until_it_is_done(till: Till, alice: User) -> None:
    till.buy(alice)
    tell(till)
    for route in ("GET /v1/subscriptions*", "DELETE /v1/subscriptions/*", "DELETE /v1/customers/*"):
        till.fault("status", route, times=1, status=429)
        with pytest.raises(VendorFailed) as failed:
            leave_stripe(alice)
        assert failed.value.retryable
        assert Customer.objects.exists()
    leave_stripe(alice)
    assert not living(till)
    assert not Customer.objects.exists()


def test_a_customer_gone_at_stripe_is_let_go_here(till: Till, alice: User) -> None:
    till.buy(alice)
    tell(till)
    for route in ("GET /v1/subscriptions*", "DELETE /v1/customers/*"):
        till.fault("status", route, times=1, status=404)
    leave_stripe(alice)
    assert not Customer.objects.exists()
    assert plan_of(alice).slug == "free"


def test_a_customer_whose_answer_was_lost_is_found_and_deleted(till: Till, alice: User) -> None:
    till.fault("drop", "POST /v1/customers", times=9, perform=True)
    with pytest.raises(VendorFailed):
        start(alice, plan=Plan.objects.get(slug="creator"))
    till.clear_faults()
    with till.store.lock:
        assert [buyer["email"] for buyer in till.store.oldest("customer")] == [alice.email]
    leave_stripe(alice)
    with till.store.lock:
        assert [buyer["email"] for buyer in till.store.oldest("customer")] == [None]
    Customer.objects.create(user=alice)
    Customer.objects.update(created_at=Now() - timedelta(hours=25))
    leave_stripe(alice)
    assert not Customer.objects.exists()
    with till.store.lock:
        assert len(till.store.oldest("customer")) == 1
