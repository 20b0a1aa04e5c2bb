"""What Stripe tells late, twice or in any order."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.models import Notification, User
from billing.models import Checkout, Customer, Invoice, Plan, Subscription
from billing.queries import invoices_of, plan_of
from billing.services import portal, reserve, start
from kapture.core.choices import UsageKind
from kapture.core.errors import UsageExceeded
from kapture.core.ids import new_id
from kapture.core.oracle import verify
from kapture.inbox.models import WebhookEvent
from kapture.jobs.models import Job
from kapture.sandbox.stripe.store import Obj
from tests.billing.till import Till, send, tell, work

pytestmark = pytest.mark.django_db


def sound() -> None:
    assert {rule.name: ids for rule, ids in verify() if ids} == {}


def copy_of(user: User) -> dict[str, Any]:
    """Our copy, in Stripe's words."""
    row = Subscription.objects.get(user=user)
    return {
        "id": row.stripe_id,
        "status": row.status,
        "price": row.price_id,
        "start": int(row.period_start.timestamp()) if row.period_start else None,
        "end": int(row.period_end.timestamp()) if row.period_end else None,
        "cancel_at_period_end": row.cancel_at_period_end,
    }


def theirs(sub: Obj) -> dict[str, Any]:
    item = sub["items"]["data"][0]
    return {
        "id": sub["id"],
        "status": sub["status"],
        "price": item["price"]["id"],
        "start": item["current_period_start"],
        "end": item["current_period_end"],
        "cancel_at_period_end": sub["cancel_at_period_end"],
    }


def test_from_the_limit_over_the_payment_to_the_next_request(till: Till, alice: User) -> None:
    reserve(alice, UsageKind.SCRAPE, 20, source_id=new_id(), for_job=False)
    with pytest.raises(UsageExceeded):
        reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id(), for_job=False)
    till.buy(alice)
    tell(till)
    reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id(), for_job=False)
    assert copy_of(alice) == theirs(till.subscription(alice))
    assert Checkout.objects.get().state == "paid"
    invoice = invoices_of(alice).get()
    assert (invoice.status, invoice.due, invoice.paid, invoice.currency) == ("paid", 1900, 1900, "usd")
    assert invoice.page_url
    assert invoice.pdf_url
    sound()


def test_a_whole_life_at_stripe_is_followed(till: Till, alice: User) -> None:
    till.buy(alice, way="second_step")
    tell(till)
    assert (copy_of(alice)["status"], plan_of(alice).slug) == ("incomplete", "free")
    till.go(Checkout.objects.get().stripe_id or "", "confirm")
    tell(till)
    assert (copy_of(alice)["status"], plan_of(alice).slug) == ("active", "creator")
    buyer = Customer.objects.get(user=alice).stripe_id or ""
    till.card(buyer, "declined")
    till.advance(days=32)
    tell(till)
    assert (copy_of(alice)["status"], plan_of(alice).slug) == ("past_due", "creator")
    assert invoices_of(alice)[0].status == "open"
    till.card(buyer, "works")
    till.act(till.subscription(alice)["id"], "pay")
    tell(till)
    assert copy_of(alice)["status"] == "active"
    assert set(invoices_of(alice).values_list("status", flat=True)) == {"paid"}
    till.card(buyer, "declined")
    till.advance(days=60)
    tell(till)
    assert copy_of(alice) == theirs(till.subscription(alice))
    assert (copy_of(alice)["status"], plan_of(alice).slug) == ("canceled", "free")
    sound()


def test_a_plan_changed_in_the_portal_is_followed(till: Till, alice: User) -> None:
    till.buy(alice)
    tell(till)
    page, sub = portal(alice), till.subscription(alice)["id"]
    till.form(f"{page}/change", subscription=sub, price="price_studio_monthly")
    tell(till)
    assert plan_of(alice).slug == "studio"
    till.form(f"{page}/cancel", subscription=sub)
    tell(till)
    row = Subscription.objects.get(user=alice)
    assert (row.status, row.ends_at) == ("active", row.period_end)
    assert plan_of(alice).slug == "studio"
    till.form(f"{page}/keep", subscription=sub)
    tell(till)
    row.refresh_from_db()
    assert row.ends_at is None
    sound()


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_in_whatever_order_and_number_events_come_the_end_is_stripes(till: Till, alice: User) -> None:
    """All 24 orders of created, updated, deleted and invoice.paid, a millisecond apart, each up to three times."""

    def post(event: Obj) -> int:
        try:
            return int(send(event).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for number, order in enumerate(permutations(range(4))):
            user = User.objects.create_user(f"order-{number}@example.com")
            before = len(till.told())
            till.buy(user)
            till.form(f"/v1/subscriptions/{till.subscription(user)['id']}", cancel_at_period_end="true")
            till.act(till.subscription(user)["id"], "end")
            names = (
                "customer.subscription.created",
                "customer.subscription.updated",
                "customer.subscription.deleted",
                "invoice.paid",
            )
            found = {event["type"]: event for event in till.told()[before:]}
            events = [found[name] for name in names]
            answers = []
            for place in order:
                answers += [pool.submit(post, events[place]) for _ in range(1 + (number + place) % 3)]
                time.sleep(0.001)
            assert {answer.result() for answer in answers} == {200}
            work()
            assert copy_of(user) == theirs(till.subscription(user))
            assert plan_of(user).slug == "free"
    assert WebhookEvent.objects.count() == 24 * 4
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"applied"}
    assert Job.objects.filter(kind="inbox.apply").count() == 24 * 4
    sound()


def test_older_news_of_a_newer_subscription_changes_nothing(till: Till, alice: User) -> None:
    till.buy(alice)
    first = till.subscription(alice)["id"]
    till.act(first, "end")
    tell(till, "customer.subscription.deleted")
    till.buy(alice, "studio")
    tell(till, "checkout.session.completed")
    tell(till)
    assert copy_of(alice)["id"] == till.subscription(alice)["id"] != first
    assert plan_of(alice).slug == "studio"


@pytest.mark.parametrize(
    ("kind", "about", "reason"),
    [
        (
            "invoice.paid",
            {"id": "in_1", "object": "invoice", "customer": "cus_nobody"},
            "Nobody here is this customer.",
        ),
        ("invoice.paid", {"id": "in_1", "object": "invoice", "customer": None}, "It names no customer."),
        ("customer.updated", {"id": "cus_nobody", "object": "customer"}, "Nobody here is this customer."),
    ],
)
def test_events_about_nobody_we_know_are_ignored_with_a_reason(till: Till, kind: str, about: Obj, reason: str) -> None:
    event = {"id": "evt_1", "object": "event", "type": kind, "created": int(time.time()), "livemode": False}
    assert send({**event, "data": {"object": about}}).status_code == 200
    work()
    assert WebhookEvent.objects.get().state == "ignored"
    assert Job.objects.get().result == {"ignored": reason}
    assert not till.requests("*")
    sound()


def test_a_kind_nobody_asked_for_is_kept_and_ignored(till: Till, alice: User) -> None:
    till.buy(alice)
    tell(till, "customer.created")
    assert WebhookEvent.objects.get().state == "ignored"
    assert not Job.objects.exists()


def test_a_customer_deleted_at_stripe_has_nothing_any_more_and_may_come_back(till: Till, alice: User) -> None:
    till.buy(alice)
    tell(till)
    before = Customer.objects.get(user=alice).stripe_id
    till.form(f"/v1/customers/{before}", "DELETE")
    tell(till)
    assert plan_of(alice).slug == "free"
    assert not Customer.objects.exists()
    assert not Invoice.objects.exclude(page_url="").exists()
    start(alice, plan=Plan.objects.get(slug="creator"))
    assert Customer.objects.get(user=alice).stripe_id != before
    sound()


def test_a_customer_the_account_does_not_know_pays_for_nothing(till: Till, alice: User) -> None:
    till.buy(alice)
    tell(till)
    event = till.told("invoice.paid")[0]
    till.fault("status", "GET /v1/subscriptions*", status=404)
    send({**event, "id": "evt_later"})
    work()
    assert WebhookEvent.objects.get(event_id="evt_later").state == "applied"
    assert plan_of(alice).slug == "free"


def test_the_end_of_a_trial_is_told_before_it_comes(till: Till, alice: User, bob: User) -> None:
    till.buy(alice)
    tell(till)
    about = till.subscription(alice)
    event = {"object": "event", "type": "customer.subscription.trial_will_end", "created": 1, "livemode": False}
    send({**event, "id": "evt_1", "data": {"object": about}})
    work()
    assert not Notification.objects.filter(title__contains="trial of").exists()
    with till.store.lock:
        sub = till.store.find("subscription", about["id"])
        assert sub is not None
        sub |= {"status": "trialing", "trial_end": sub["created"] + 14 * 86_400}
    for _ in range(2):
        send({**event, "id": "evt_2", "data": {"object": about}})
        work()
    assert Notification.objects.filter(title__startswith="Your trial of Creator ends on").count() == 1
    send({**event, "id": "evt_3", "data": {"object": {**about, "id": "sub_unknown"}}})
    work()
    assert Notification.objects.filter(title__startswith="Your trial of Creator ends on").count() == 1


def test_while_stripe_is_down_events_wait(till: Till, alice: User, settings: Settings) -> None:
    till.buy(alice)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert send(till.told("invoice.paid")[0]).status_code == 200
    job = Job.objects.get()
    settings.JOB_RETRY_BASE *= 600
    work()
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("queued", 1)
    assert WebhookEvent.objects.get().state == "received"
    sound()
