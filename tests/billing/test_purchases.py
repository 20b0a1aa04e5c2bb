"""What was paid on the payment page is given once, to who paid, and when the money is there."""

import pytest

from accounts.models import Notification, User
from billing.models import Checkout, Customer, Plan, Subscription, UsagePeriod
from billing.services import start
from billing.services.subscriptions import sync
from kapture.core.oracle import verify
from kapture.inbox.models import WebhookEvent
from tests.billing.till import Till, send, tell, work

pytestmark = pytest.mark.django_db


def sound() -> None:
    assert {rule.name: ids for rule, ids in verify() if ids} == {}


def test_a_top_up_is_given_once_however_often_its_payment_is_told(till: Till, alice: User) -> None:
    visit = till.top_up(alice)
    event = till.told("checkout.session.completed")[0]
    for number in range(3):
        assert send(event).status_code == 200
        assert send({**event, "id": f"evt_again_{number}"}).status_code == 200
        work()
    row = UsagePeriod.objects.get(source=UsagePeriod.Source.PURCHASE)
    assert (row.user, row.kind, row.limit, row.source_id, row.ends_at) == (alice, "scrape", 50, visit, None)
    assert Checkout.objects.get().state == "paid"
    assert Notification.objects.filter(owner=alice, kind="billing.topped_up").count() == 1
    sound()


def test_money_sent_by_bank_counts_when_it_arrives(till: Till, alice: User, bob: User) -> None:
    for user in (alice, bob):
        till.top_up(user, way="bank")
    till.card(Customer.objects.get(user=bob).stripe_id or "", "declined")
    tell(till)
    assert set(Checkout.objects.values_list("state", flat=True)) == {"open"}
    till.advance(days=4)
    tell(till)
    assert dict(Checkout.objects.values_list("user__email", "state")) == {
        "alice@example.com": "paid",
        "bob@example.com": "failed",
    }
    assert UsagePeriod.objects.get(source=UsagePeriod.Source.PURCHASE).user == alice
    sound()


def test_money_that_came_after_all_is_not_lost(till: Till, alice: User) -> None:
    till.top_up(alice)
    Checkout.objects.update(state=Checkout.State.EXPIRED)
    tell(till)
    assert Checkout.objects.get().state == "paid"
    assert UsagePeriod.objects.filter(source=UsagePeriod.Source.PURCHASE).count() == 1


def test_a_page_that_closed_ends_the_visit(till: Till, alice: User) -> None:
    start(alice, plan=Plan.objects.get(slug="creator"))
    till.advance(days=2)
    tell(till)
    assert Checkout.objects.get().state == "expired"
    assert not Subscription.objects.exists()


def test_only_our_own_mapping_says_who_paid(till: Till, alice: User, bob: User) -> None:
    till.top_up(alice)
    event = till.told("checkout.session.completed")[0]
    about = event["data"]["object"]
    forged = {**about, "client_reference_id": str(bob.pk), "metadata": {**about["metadata"], "user_id": str(bob.pk)}}
    send({**event, "data": {"object": forged}})
    start(bob, plan=Plan.objects.get(slug="creator"))
    theirs_of_bob = {**about, "customer": Customer.objects.get(user=bob).stripe_id}
    send({**event, "id": "evt_2", "data": {"object": theirs_of_bob}})
    work()
    assert UsagePeriod.objects.get(source=UsagePeriod.Source.PURCHASE).user == alice
    assert WebhookEvent.objects.filter(state="applied").count() == 2


def test_a_visit_of_somebody_elses_customer_gives_nothing(till: Till, alice: User, bob: User) -> None:
    visit = till.top_up(alice)
    start(bob, plan=Plan.objects.get(slug="creator"))
    Checkout.objects.filter(stripe_id=visit).update(user=bob)
    tell(till)
    sync(Customer.objects.get(user=bob))
    assert not UsagePeriod.objects.filter(source=UsagePeriod.Source.PURCHASE).exists()
