"""Units beyond the month: given once, used after the month, oldest first, and never more than there are."""

from datetime import timedelta
from functools import partial

import pytest

from accounts.models import Notification, User
from accounts.services import issue_key
from billing.models import KeyDay, Plan, Reservation, UsagePeriod
from billing.queries import month, usage_of
from billing.services import choose_plan, database_month, release, reserve, settle, top_up
from kapture.audit.models import AuditEvent
from kapture.core.choices import UsageKind
from kapture.core.context import ActingKey, acting_key
from kapture.core.errors import InvalidInput, UsageExceeded
from kapture.core.ids import new_id
from kapture.core.oracle import verify
from tests.billing.crowd import Crowd, take

pytestmark = pytest.mark.django_db
Source = UsagePeriod.Source


@pytest.fixture
def ten(alice: User) -> Plan:
    """A plan of ten units a month, which Alice is on."""
    plan = Plan.objects.create(name="Ten", slug="ten", scrapes=10, downloads=10, ai_generations=10)
    choose_plan(alice, plan, alice)
    return plan


def give(user: User, units: int, source_id: str = "", kind: UsageKind = UsageKind.SCRAPE) -> bool:
    return top_up(user, kind, units, source=Source.GRANT, source_id=source_id or str(new_id()), actor=user)


def levels(user: User) -> list[tuple[int, int]]:
    """(used, held) of the month and of top-ups, oldest first."""
    rows = UsagePeriod.objects.filter(user=user, kind=UsageKind.SCRAPE)
    months, others = rows.filter(source=Source.MONTH), rows.exclude(source=Source.MONTH)
    return [(row.used, row.held) for row in [*months, *others.order_by("created_at", "id")]]


def sound() -> None:
    assert {rule.name: ids for rule, ids in verify() if ids} == {}


def test_the_month_is_used_first_and_then_the_oldest_top_up(alice: User, ten: Plan) -> None:
    assert give(alice, 7)
    assert give(alice, 5)
    first, second, third = take(alice, 8), take(alice, 8), take(alice, 5)
    assert levels(alice) == [(0, 10), (0, 7), (0, 4)]
    assert usage_of(alice, UsageKind.SCRAPE, database_month()[0]).remaining == 1
    assert take(alice, 2) is None
    assert first
    assert second
    assert third
    # The month is charged first as well, so what comes back is what was bought.
    settle(second, 3)
    assert levels(alice) == [(2, 8), (1, 1), (0, 4)]
    release(third)
    settle(first, 8)
    assert levels(alice) == [(10, 0), (1, 0), (0, 0)]
    sound()


def test_work_larger_than_the_month_is_charged_to_each_period_it_was_taken_from(alice: User, ten: Plan) -> None:
    give(alice, 7)
    source = take(alice, 15)
    assert source
    rows = Reservation.objects.filter(source_id=source).order_by("id")
    assert [(row.amount, row.level_after, row.limit_at_grant) for row in rows] == [(10, 10, 10), (5, 5, 7)]
    assert settle(source, 12)
    assert levels(alice) == [(10, 0), (2, 0)]
    assert [row.settled for row in rows.all()] == [10, 2]
    assert not settle(source, 15)
    sound()


def test_a_refusal_tells_what_top_ups_leave(alice: User, ten: Plan) -> None:
    give(alice, 3)
    assert take(alice, 9)
    with pytest.raises(UsageExceeded) as refused:
        reserve(alice, UsageKind.SCRAPE, 5, source_id=new_id())
    assert refused.value.details["remaining"] == 4
    assert refused.value.details["alternatives"][0] == "Ask for 4 or fewer now."
    assert levels(alice) == [(0, 9), (0, 0)]
    assert take(alice, 4)
    with pytest.raises(UsageExceeded, match="none is left"):
        reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())


def test_top_ups_outlive_the_month(alice: User, ten: Plan) -> None:
    give(alice, 4)
    assert take(alice, 12)
    starts_at, _ = database_month()
    before, _ = month(starts_at - timedelta(days=1))
    UsagePeriod.objects.filter(source=Source.MONTH).update(starts_at=before, ends_at=starts_at)
    assert take(alice, 12)
    assert not take(alice, 1)
    found = UsagePeriod.objects.filter(source=Source.GRANT).values_list("held", "limit")
    assert list(found) == [(4, 4)]


def test_a_top_up_is_of_one_kind_and_one_person(alice: User, bob: User, ten: Plan) -> None:
    give(alice, 50, kind=UsageKind.DOWNLOAD)
    give(bob, 50)
    assert take(alice, 11) is None


@pytest.mark.parametrize("units", [0, -1, 1_000_001])
def test_odd_amounts_are_refused(alice: User, ten: Plan, units: int) -> None:
    with pytest.raises(InvalidInput):
        give(alice, units)
    assert not UsagePeriod.objects.exists()


def test_what_was_paid_is_given_once(alice: User, bob: User, ten: Plan) -> None:
    assert give(alice, 5, "cs_1")
    assert not give(alice, 5, "cs_1")
    assert not give(bob, 500, "cs_1")
    assert top_up(alice, UsageKind.SCRAPE, 5, source=Source.PURCHASE, source_id="cs_1", actor=alice)
    assert Notification.objects.filter(kind="billing.topped_up").count() == 2
    assert AuditEvent.objects.filter(action="billing.topped_up").count() == 2
    assert UsagePeriod.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_crowd_gets_exactly_the_month_and_the_top_ups_in_their_order(alice: User, ten: Plan) -> None:
    give(alice, 7)
    give(alice, 5)
    with Crowd(8) as crowd:
        assert all(crowd.do([partial(take, alice)] * 14))
        assert levels(alice) == [(0, 10), (0, 4), (0, 0)]
        assert sum(map(bool, crowd.do([partial(take, alice)] * 30))) == 8
    assert levels(alice) == [(0, 10), (0, 7), (0, 5)]
    sound()


@pytest.mark.django_db(transaction=True)
def test_of_large_wishes_at_once_each_is_granted_whole_or_not_at_all(alice: User, ten: Plan) -> None:
    give(alice, 7)
    give(alice, 5)
    with Crowd(8) as crowd:
        won = [source for source in crowd.do([partial(take, alice, 4)] * 20) if source]
        assert len(won) == 5
        assert sum(row.amount for row in Reservation.objects.all()) == 20
        crowd.do([partial(settle, source, number) for number, source in enumerate(won)])
    assert sum(used for used, _ in levels(alice)) == 0 + 1 + 2 + 3 + 4
    assert sum(held for _, held in levels(alice)) == 0
    sound()


@pytest.mark.django_db(transaction=True)
def test_the_same_payment_told_by_many_at_once_is_given_once(alice: User, ten: Plan) -> None:
    with Crowd(8) as crowd:
        assert sum(crowd.do([partial(give, alice, 5, "cs_1")] * 24)) == 1
    assert UsagePeriod.objects.filter(source=Source.GRANT).count() == 1


# --- keys with a cap ---


def with_key(key: ActingKey, user: User, amount: int) -> bool:
    token = acting_key.set(key)
    try:
        return take(user, amount) is not None
    finally:
        acting_key.reset(token)


@pytest.mark.django_db(transaction=True)
def test_a_key_never_spends_more_a_day_than_it_may(alice: User, ten: Plan) -> None:
    give(alice, 100)
    key = ActingKey(issue_key(alice, "capped").key.pk, daily_cap=10)
    with Crowd(8) as crowd:
        assert sum(crowd.do([partial(with_key, key, alice, 3)] * 30)) == 3
    assert KeyDay.objects.get().spent == 9
    assert sum(held for _, held in levels(alice)) == 9
    assert with_key(key, alice, 1)
    assert not with_key(key, alice, 1)
    assert take(alice)
    sound()


def test_what_a_key_held_and_did_not_use_it_may_spend_again(alice: User, ten: Plan) -> None:
    give(alice, 100)
    key = ActingKey(issue_key(alice, "capped").key.pk, daily_cap=12)
    assert with_key(key, alice, 12)
    source = Reservation.objects.values_list("source_id", flat=True).first()
    assert source
    settle(source, 11)
    assert KeyDay.objects.get().spent == 11
    assert not with_key(key, alice, 2)
    assert with_key(key, alice, 1)
    last = Reservation.objects.filter(state="held").values_list("source_id", flat=True).first()
    assert last
    assert settle(last, 1)
    assert KeyDay.objects.get().spent == 12
    sound()


def test_a_refusal_of_a_key_tells_its_cap(alice: User, ten: Plan) -> None:
    key = ActingKey(issue_key(alice, "capped").key.pk, daily_cap=5)
    token = acting_key.set(key)
    try:
        with pytest.raises(UsageExceeded) as fresh:
            reserve(alice, UsageKind.SCRAPE, 6, source_id=new_id())
        assert (fresh.value.details["limit"], fresh.value.details["remaining"]) == (5, 5)
        reserve(alice, UsageKind.SCRAPE, 5, source_id=new_id())
        with pytest.raises(UsageExceeded) as spent:
            reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())
        assert spent.value.details["alternatives"][0] == "Wait until midnight UTC."
        assert spent.value.details["upgradeUrl"] == "/settings/keys/"
    finally:
        acting_key.reset(token)
    assert levels(alice) == [(0, 5)]
    assert with_key(ActingKey(key.pk, daily_cap=None), alice, 1)
