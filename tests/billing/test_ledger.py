"""Not one unit too many, whoever asks at once and whatever the clock says."""

from datetime import date, datetime, timedelta, timezone
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from accounts.models import Notification, User
from billing.models import KeyDay, Plan, Reservation, UsageNotice, UsagePeriod
from billing.queries import month, usage_of
from billing.services import apply_plan, choose_plan, database_month, release, release_expired, reserve, settle
from kapture.core.choices import UsageKind
from kapture.core.dryrun import DryRun, dry_run
from kapture.core.errors import UsageExceeded
from kapture.core.ids import new_id
from kapture.core.oracle import verify
from tests.billing.crowd import Crowd, race_for_the_last, take
from tests.thorough import THOROUGH

pytestmark = pytest.mark.django_db(transaction=True)
RACES = 500 if THOROUGH else 100


@pytest.fixture
def plan(plans: None) -> Plan:
    return Plan.objects.create(name="Ten", slug="ten", scrapes=10, downloads=10, ai_generations=10)


def period(user: User) -> UsagePeriod:
    return UsagePeriod.objects.get(user=user, kind=UsageKind.SCRAPE, source=UsagePeriod.Source.MONTH)


def sound() -> None:
    """The oracle finds nothing; there are no jobs here whose end could settle a hold."""
    assert {rule.name: ids for rule, ids in verify() if ids} == {}


def test_of_fifty_at_once_on_the_last_unit_one_wins_in_every_round(alice: User, plan: Plan) -> None:
    choose_plan(alice, plan, alice)
    race_for_the_last(alice, 10, rounds=20 if THOROUGH else 8)
    sound()


def test_the_first_fifty_of_a_month_at_once_never_pass_the_limit(alice: User, plan: Plan) -> None:
    choose_plan(alice, plan, alice)
    with Crowd(16) as crowd:
        assert sum(map(bool, crowd.do([partial(take, alice)] * 50))) == 10
    assert UsagePeriod.objects.filter(user=alice, kind=UsageKind.SCRAPE).count() == 1
    assert Notification.objects.filter(owner=alice, kind="billing.usage").count() == 2


def test_twenty_times_75_of_500_grants_six(alice: User, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(scrapes=500)
    plan.refresh_from_db()
    choose_plan(alice, plan, alice)
    with Crowd(16) as crowd:
        assert sum(map(bool, crowd.do([partial(take, alice, 75)] * 20))) == 6
    assert period(alice).held == 450


def test_a_cancel_and_a_settlement_at_once_have_one_outcome(alice: User, plan: Plan) -> None:
    choose_plan(alice, Plan.objects.get(slug="studio"), alice)
    with Crowd(2) as crowd:
        for _ in range(RACES):
            source = take(alice)
            assert source
            assert sorted(crowd.do([partial(settle, source, 1), partial(release, source)])) == [False, True]
    row, states = period(alice), Reservation.objects.values_list("state", flat=True)
    assert (row.held, row.used) == (0, list(states).count("settled"))
    sound()


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


def test_a_rehearsal_tells_how_one_would_stand(alice: User, plan: Plan) -> None:
    choose_plan(alice, plan, alice)
    rehearsal = DryRun()
    token = dry_run.set(rehearsal)
    try:
        with transaction.atomic():
            reserve(alice, UsageKind.SCRAPE, 4, source_id=new_id())
            transaction.set_rollback(True)
    finally:
        dry_run.reset(token)
    assert (rehearsal.units, rehearsal.standing["remaining"]) == (4, 6)
    assert not Reservation.objects.exists()


def test_the_database_itself_refuses_a_grant_above_the_limit(alice: User, plan: Plan) -> None:
    reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.create(
            period=period(alice), source_id=new_id(), amount=1, level_after=11, limit_at_grant=10
        )


# --- the clock ---


def test_a_process_with_a_wrong_clock_uses_the_databases_month(alice: User, plan: Plan) -> None:
    right = database_month()
    for shift in (timedelta(days=-31), timedelta(minutes=-10), timedelta(minutes=10), timedelta(days=31)):
        with time_machine.travel(datetime.now(timezone(timedelta(hours=9))) + shift):
            assert take(alice)
    row = period(alice)
    assert (row.starts_at, row.ends_at, row.held) == (*right, 4)


def test_work_that_crosses_midnight_is_charged_to_the_month_it_began_in(alice: User, plan: Plan) -> None:
    choose_plan(alice, plan, alice)
    before, this = new_id(), new_id()
    reserve(alice, UsageKind.SCRAPE, 4, source_id=before)
    # It is the next month now: what was this month's row is that of the month before.
    starts_at, _ = database_month()
    ended, _ = month(starts_at - timedelta(days=1))
    UsagePeriod.objects.update(starts_at=ended, ends_at=starts_at)
    reserve(alice, UsageKind.SCRAPE, 10, source_id=this)
    assert take(alice) is None
    assert settle(before, 3)
    assert settle(this, 10)
    rows = UsagePeriod.objects.order_by("starts_at").values_list("starts_at", "used", "held")
    assert list(rows) == [(ended, 3, 0), (starts_at, 10, 0)]
    sound()


# --- plans ---


def test_a_changed_plan_holds_at_once_for_everybody_on_it(alice: User, bob: User, plan: Plan) -> None:
    choose_plan(alice, plan, alice)
    assert take(alice)
    assert take(bob)
    with transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(scrapes=3)
        plan.refresh_from_db()
        apply_plan(plan)
    assert (period(alice).limit, period(bob).limit) == (3, 20)
    assert take(alice, 3) is None
    assert take(alice, 2)


def test_plans_that_change_while_months_open_leave_no_wrong_limit(alice: User, plan: Plan) -> None:
    small, large = plan, Plan.objects.get(slug="studio")

    def change(to: Plan) -> None:
        choose_plan(alice, to, alice)

    with Crowd(6) as crowd:
        for number in range(8):
            UsagePeriod.objects.filter(reservations=None).delete()
            last = small if number % 2 else large
            crowd.do([partial(change, last), *[partial(take, alice)] * 5])
            assert period(alice).limit == last.scrapes


def test_its_rows_say_what_they_are_to_people() -> None:
    assert str(UsageNotice(percent=80)) == "80 %"
    assert str(KeyDay(day=date(2026, 11, 3), spent=4)) == "2026-11-03: 4"
