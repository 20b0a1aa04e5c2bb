"""Not one unit too many, whoever asks at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from billing.models import Plan, Reservation, UsagePeriod
from billing.queries import usage_of
from billing.services import choose_plan, release, release_expired, reserve, settle
from kapture.core.choices import UsageKind
from kapture.core.errors import UsageExceeded
from kapture.core.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plan(plans: None) -> Plan:
    return Plan.objects.create(name="Ten", slug="ten", scrapes=10, downloads=10, ai_generations=10)


def take(user: User, amount: int = 1) -> bool:
    try:
        reserve(user, UsageKind.SCRAPE, amount, source_id=new_id())
    except UsageExceeded:
        return False
    finally:
        connection.close()
    return True


def period(user: User) -> UsagePeriod:
    return UsagePeriod.objects.get(user=user, kind=UsageKind.SCRAPE)


def test_fifty_at_once_on_the_last_unit_and_one_wins(alice: User, plan: Plan) -> None:
    choose_plan(alice, plan, alice)
    for _ in range(9):
        assert take(alice)
    with ThreadPoolExecutor(16) as pool:
        won = sum(pool.map(lambda _: take(alice), range(50)))
    assert won == 1
    assert (period(alice).held, period(alice).used) == (10, 0)


def test_the_first_fifty_of_a_month_at_once_never_pass_the_limit(alice: User, plan: Plan) -> None:
    choose_plan(alice, plan, alice)
    with ThreadPoolExecutor(16) as pool:
        won = sum(pool.map(lambda _: take(alice), range(50)))
    assert won == 10
    assert UsagePeriod.objects.filter(user=alice, kind=UsageKind.SCRAPE).count() == 1


def test_twenty_times_75_of_500_grants_six(alice: User, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(scrapes=500)
    plan.refresh_from_db()
    choose_plan(alice, plan, alice)
    with ThreadPoolExecutor(16) as pool:
        won = sum(pool.map(lambda _: take(alice, 75), range(20)))
    assert won == 6


def test_a_hold_ends_once_and_gives_the_rest_back(alice: User, plan: Plan) -> None:
    source = new_id()
    reserve(alice, UsageKind.SCRAPE, 5, source_id=source)
    assert settle(source, 2)
    assert not settle(source, 5)
    assert not release(source)
    row = period(alice)
    assert (row.used, row.held) == (2, 0)
    assert Reservation.objects.get(source_id=source).state == "settled"


def test_more_than_held_is_never_charged(alice: User, plan: Plan) -> None:
    source = new_id()
    reserve(alice, UsageKind.SCRAPE, 2, source_id=source)
    settle(source, 99)
    assert period(alice).used == 2


def test_the_refusal_says_what_is_possible(alice: User, plan: Plan) -> None:
    choose_plan(alice, plan, alice)
    reserve(alice, UsageKind.SCRAPE, 8, source_id=new_id())
    with pytest.raises(UsageExceeded) as refused:
        reserve(alice, UsageKind.SCRAPE, 5, source_id=new_id())
    details = refused.value.details
    assert (details["type"], details["limit"], details["current"], details["remaining"]) == ("scrape", 10, 8, 2)
    assert details["upgradeUrl"] == "/usage/plans/"
    assert details["alternatives"][0] == "Ask for 2 or fewer now."


def test_a_refused_request_leaves_nothing_behind(alice: User, plan: Plan) -> None:
    choose_plan(alice, plan, alice)
    with pytest.raises(UsageExceeded):
        reserve(alice, UsageKind.SCRAPE, 11, source_id=new_id())
    assert not Reservation.objects.exists()


def test_a_smaller_plan_holds_at_once_and_shows_nothing_negative(alice: User, plan: Plan) -> None:
    choose_plan(alice, Plan.objects.create(name="B", slug="b", scrapes=50, downloads=1, ai_generations=1), alice)
    reserve(alice, UsageKind.SCRAPE, 40, source_id=new_id())
    choose_plan(alice, plan, alice)
    row = usage_of(alice, UsageKind.SCRAPE, period(alice).starts_at)
    assert (row.limit, row.current, row.remaining) == (10, 40, 0)
    assert not take(alice)


def test_a_hold_without_a_job_expires(alice: User, plan: Plan) -> None:
    source = new_id()
    reserve(alice, UsageKind.AI_GENERATION, 1, source_id=source, for_job=False)
    assert release_expired() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_reservation SET expires_at = now() - interval '1 second'")
    assert release_expired() == 1
    assert Reservation.objects.get(source_id=source).state == "released"


def test_the_database_itself_refuses_a_grant_above_the_limit(alice: User, plan: Plan) -> None:
    reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.create(
            period=period(alice), source_id=new_id(), amount=1, level_after=11, limit_at_grant=10
        )
