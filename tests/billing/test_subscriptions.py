"""Which plan holds after whatever happens to a subscription, what of the month follows, and what the person is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Notification, User
from billing.entitlements import ENDED, ENTITLED, MEANINGS, best
from billing.models import Customer, Plan, Subscription, SubscriptionStatus, UsagePeriod
from billing.queries import held_plan, plan_of, subscription_of, usage_of
from billing.services import choose_plan, database_month, release, reserve, settle
from billing.services.subscriptions import Latest, apply, write_subscription
from kapture.audit.models import AuditEvent
from kapture.core.choices import UsageKind
from kapture.core.errors import UsageExceeded
from kapture.core.ids import new_id
from kapture.core.oracle import verify
from kapture.gateways.payments import SubscriptionFacts
from kapture.gateways.payments import SubscriptionStatus as Word
from tests.thorough import some

pytestmark = pytest.mark.django_db
# An anchor on the 31st, as of somebody who subscribed in January: no month of ours.
BEGAN = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
START, END = datetime(2026, 10, 31, 9, 30, tzinfo=UTC), datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
PRICES = {"creator": "price_creator_monthly", "studio": "price_studio_monthly"}
FREE, CREATOR, STUDIO = 20, 500, 3_000


@pytest.fixture(autouse=True)
def _prices(plans: None) -> None:
    for slug, price in PRICES.items():
        Plan.objects.filter(slug=slug).update(stripe_price_id=price)
    limits = dict(Plan.objects.values_list("slug", "scrapes"))
    assert limits == {"free": FREE, "creator": CREATOR, "studio": STUDIO}


def facts(plan: str = "creator", status: str = "active", **fields: Any) -> SubscriptionFacts:
    values: dict[str, Any] = {
        "id": "sub_1",
        "customer_id": "cus_1",
        "status": Word(status),
        "price_id": PRICES.get(plan, plan),
        "product_id": None,
        "period_start": START,
        "period_end": END,
        "cancel_at_period_end": False,
        "cancel_at": None,
        "canceled_at": None,
        "ended_at": None,
        "trial_end": None,
        "paused": False,
        "created": BEGAN,
        "latest_invoice_id": None,
        "metadata": {},
    }
    return SubscriptionFacts(**{**values, **fields})


def stripe_says(user: User, *found: SubscriptionFacts) -> None:
    with transaction.atomic():
        write_subscription(user, found)


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(owner=user, kind="billing.subscription").values_list("title", flat=True))[
        ::-1
    ]


def month_of(user: User) -> UsagePeriod:
    return UsagePeriod.objects.get(user=user, kind=UsageKind.SCRAPE)


def test_every_state_of_stripe_has_a_meaning() -> None:
    assert {str(status) for status in MEANINGS} == {str(word) for word in Word} == set(SubscriptionStatus.values)
    assert ENTITLED.isdisjoint(ENDED)


@pytest.mark.parametrize("granted", [None, "studio"])
@pytest.mark.parametrize("paid", [None, "creator"])
@pytest.mark.parametrize("status", some(["", *SubscriptionStatus.values]))
def test_one_person_and_a_query_over_many_get_the_same_plan(
    alice: User, bob: User, granted: str | None, paid: str | None, status: str
) -> None:
    known: dict[str | None, Plan | None] = {None: None, **{plan.slug: plan for plan in Plan.objects.all()}}
    Subscription.objects.create(user=alice, granted_plan=known[granted], plan=known[paid], status=status)
    for user in (alice, bob):
        assert User.objects.filter(pk=user.pk).values_list(held_plan("pk"), flat=True).get() == plan_of(user).pk


# From a state with work in flight to another, in the middle of a month: what the limit is afterwards.
LIMITS = {
    "none": FREE,
    **{
        f"{plan} {status}": limit
        for plan, limit in (("creator", CREATOR), ("studio", STUDIO))
        for status in ("trialing", "active", "past_due")
    },
    **{f"creator {status}": FREE for status in ("incomplete", "unpaid", "paused", "canceled", "incomplete_expired")},
}
MOVES = [
    (before, after)
    for before in ("none", "creator trialing", "studio active", "creator unpaid")
    for after in LIMITS
    if before != after and after != "none"
]


@pytest.mark.parametrize(("before", "after"), some(MOVES), ids=lambda state: state.replace(" ", "-"))
def test_limits_follow_the_table_while_work_is_in_flight(alice: User, before: str, after: str) -> None:
    if before != "none":
        stripe_says(alice, facts(*before.split()))
    running, done = new_id(), new_id()
    reserve(alice, UsageKind.SCRAPE, 12, source_id=running)
    reserve(alice, UsageKind.SCRAPE, 5, source_id=done)
    settle(done, 3)

    stripe_says(alice, facts(*after.split()))

    row = month_of(alice)
    assert (row.limit, row.used, row.held) == (LIMITS[after], 3, 12)
    left = usage_of(alice, UsageKind.SCRAPE, row.starts_at).remaining
    assert left == max(0, LIMITS[after] - 15)
    with pytest.raises(UsageExceeded):
        reserve(alice, UsageKind.SCRAPE, left + 1, source_id=new_id())
    assert settle(running, 12)
    row.refresh_from_db()
    assert (row.used, row.held) == (15, 0)
    assert {rule.name for rule, ids in verify() if ids} <= {"I07 an ended job holds nothing"}


def test_a_smaller_plan_than_what_is_used_takes_nothing_back_and_gives_nothing_more(alice: User) -> None:
    stripe_says(alice, facts("studio"))
    source = new_id()
    reserve(alice, UsageKind.SCRAPE, 700, source_id=source)
    stripe_says(alice, facts("creator"))
    row = month_of(alice)
    assert (row.limit, row.held) == (CREATOR, 700)
    assert usage_of(alice, UsageKind.SCRAPE, row.starts_at).remaining == 0
    with pytest.raises(UsageExceeded):
        reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())
    release(source)
    stripe_says(alice, facts("studio"))
    assert month_of(alice).limit == STUDIO


def test_the_period_at_stripe_is_not_our_month(alice: User) -> None:
    stripe_says(alice, facts())
    reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())
    row = month_of(alice)
    assert (row.starts_at, row.ends_at) == database_month()
    copy = subscription_of(alice)
    assert copy is not None
    assert (copy.period_start, copy.period_end, copy.started_at) == (START, END, BEGAN)
    assert subscription_of(User(id=new_id())) is None


def test_what_staff_granted_holds_whatever_stripe_says(alice: User, staff: User) -> None:
    choose_plan(alice, Plan.objects.get(slug="studio"), staff)
    stripe_says(alice, facts("creator"))
    assert plan_of(alice).slug == "studio"
    choose_plan(alice, None, staff)
    assert plan_of(alice).slug == "creator"
    stripe_says(alice, facts("creator", "canceled", ended_at=END))
    assert plan_of(alice).slug == "free"


def test_the_life_of_a_subscription_is_told_in_plain_words_once_each(alice: User) -> None:
    trial = {"trial_end": END}
    later = END + timedelta(days=30)
    life = [
        facts(status="incomplete"),
        facts(status="trialing", **trial),
        facts(),
        facts(period_start=END, period_end=later),
        facts(period_start=END, period_end=later, status="past_due"),
        facts(period_start=END, period_end=later),
        facts("studio", period_end=later),
        facts("studio", period_end=later, cancel_at=later),
        facts("studio", period_end=later),
        facts("studio", period_end=later, status="unpaid"),
        facts("studio", period_end=later),
        facts("studio", period_end=later, status="paused"),
        facts("studio", period_end=later),
        facts("studio", period_end=later, cancel_at_period_end=True),
        facts("studio", period_end=later, status="canceled", ended_at=later),
    ]
    for state in life:
        stripe_says(alice, state)
        stripe_says(alice, state)
    assert told(alice) == [
        "Your trial of Creator has begun",
        "Creator was renewed",
        "The payment for Creator did not work",
        "Creator is paid",
        "You are on Studio now",
        "Studio ends on 30 December 2026",
        "Studio goes on",
        "Studio is off until it is paid",
        "You are on Studio",
        "Studio is paused",
        "You are on Studio",
        "Studio ends on 30 December 2026",
        "Your subscription to Studio has ended",
    ]
    assert AuditEvent.objects.filter(action="billing.subscription_changed").count() == len(life)
    mailed = Notification.objects.filter(owner=alice, wants_mail=True)
    assert mailed.count() == len(told(alice)) - 1
    assert not mailed.filter(title__endswith="renewed").exists()


def test_who_wants_no_mail_gets_none(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(mails_account=False)
    alice.refresh_from_db()
    stripe_says(alice, facts())
    stripe_says(alice, facts(status="past_due"))
    assert len(told(alice)) == 2
    assert not Notification.objects.filter(wants_mail=True).exists()


def test_an_unknown_price_gives_nothing_and_staff_hear_of_it(alice: User) -> None:
    for days in range(2):
        stripe_says(alice, facts("price_of_the_dashboard", period_end=END + timedelta(days=days)))
    assert plan_of(alice).slug == "free"
    assert told(alice) == ["Your subscription needs a look from us"]
    assert AuditEvent.objects.get(action="billing.price_unknown").data == {
        "price": "price_of_the_dashboard",
        "subscription": "sub_1",
    }
    Plan.objects.filter(slug="studio").update(stripe_price_id="price_of_the_dashboard")
    stripe_says(alice, facts("price_of_the_dashboard"))
    assert plan_of(alice).slug == "studio"
    assert told(alice)[-1] == "You are on Studio"


def test_who_pays_an_old_price_keeps_the_plan_when_staff_set_a_new_one(alice: User, bob: User) -> None:
    stripe_says(alice, facts())
    Plan.objects.filter(slug="creator").update(stripe_price_id="price_creator_2027")
    stripe_says(alice, facts(period_end=END + timedelta(days=30)))
    assert plan_of(alice).slug == "creator"
    stripe_says(bob, facts(id="sub_2"))
    assert plan_of(bob).slug == "free"
    stripe_says(alice, facts("another_unknown"))
    assert plan_of(alice).slug == "free"


def test_of_two_subscriptions_the_better_counts_and_staff_hear_of_it_once(alice: User) -> None:
    small, large = facts(created=BEGAN + timedelta(days=9)), facts("studio", id="sub_2")
    for found in ((small, large), (large, small), (small, large)):
        stripe_says(alice, *found)
    assert plan_of(alice).slug == "studio"
    note = AuditEvent.objects.get(action="billing.several_subscriptions")
    assert note.data == {"subscriptions": ["sub_1", "sub_2"], "kept": "sub_2"}
    stripe_says(alice, small, replace(large, status=Word.CANCELED, ended_at=END))
    assert plan_of(alice).slug == "creator"
    assert told(alice) == ["You are on Studio", "You are on Creator now"]


def test_one_that_may_still_be_paid_counts_before_one_that_is_over() -> None:
    over = facts(status="incomplete_expired", id="sub_2", created=BEGAN + timedelta(days=1))
    open_one = facts(status="unpaid")
    assert best([over, open_one], {}) == open_one
    assert best([over, facts(status="canceled")], {}) == over
    assert best([], {}) is None


def test_a_customer_without_subscriptions_gets_no_row_and_loses_one_that_is_gone(alice: User) -> None:
    stripe_says(alice)
    assert not Subscription.objects.exists()
    stripe_says(alice, facts())
    stripe_says(alice)
    row = Subscription.objects.get(user=alice)
    assert (row.status, row.ends_at is not None, plan_of(alice).slug) == ("canceled", True, "free")
    ended = row.ends_at
    stripe_says(alice)
    row.refresh_from_db()
    assert row.ends_at == ended
    assert told(alice) == ["You are on Creator", "Your subscription to Creator has ended"]


def test_collecting_that_staff_paused_takes_no_plan(alice: User) -> None:
    stripe_says(alice, facts())
    stripe_says(alice, facts(paused=True))
    assert Subscription.objects.get(user=alice).is_collection_paused
    assert plan_of(alice).slug == "creator"
    assert told(alice) == ["You are on Creator"]


def test_nothing_is_written_for_a_customer_who_left_meanwhile(alice: User) -> None:
    customer = Customer.objects.create(user=alice, stripe_id="cus_1")
    latest = Latest(subscriptions=(facts(),))
    Customer.objects.filter(pk=customer.pk).update(stripe_id="cus_2")
    apply(customer, latest)
    assert not Subscription.objects.exists()
    Customer.objects.filter(pk=customer.pk).update(stripe_id="cus_1")
    apply(customer, latest)
    customer.refresh_from_db()
    assert customer.synced_at is not None
    assert plan_of(alice).slug == "creator"
