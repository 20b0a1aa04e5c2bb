"""The turn of the month: what begins is opened, what is over is put away, and nothing is reset."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from billing.history import history
from billing.models import Plan, UsagePeriod
from billing.queries import month
from billing.services import choose_plan, database_month, release, reserve, settle, turn_month
from billing.services.months import Turned, open_month
from billing.tasks import open_months
from kapture.core.choices import UsageKind
from kapture.core.ids import new_id
from kapture.core.oracle import verify
from kapture.jobs.models import Job
from kapture.settings.env import secret
from tests.api.answers import accepted, refused
from tests.billing.till import Till

pytestmark = pytest.mark.django_db
Rows = UsagePeriod.objects
TOKEN = "the clock knows this word"


@pytest.mark.parametrize(
    ("moment", "first", "next_first"),
    [
        ("2027-01-31T23:59:58+00:00", "2027-01-01", "2027-02-01"),
        ("2027-02-01T00:00:00+00:00", "2027-02-01", "2027-03-01"),
        ("2027-02-28T23:59:59.999999+00:00", "2027-02-01", "2027-03-01"),
        ("2028-02-29T23:59:58+00:00", "2028-02-01", "2028-03-01"),
        ("2028-02-28T23:59:58+00:00", "2028-02-01", "2028-03-01"),
        ("2027-12-31T23:59:58+00:00", "2027-12-01", "2028-01-01"),
        # Both sides of a change to and from summer time, told in the local time of somebody in New York.
        ("2027-03-31T23:30:00-04:00", "2027-04-01", "2027-05-01"),
        ("2027-10-31T19:59:59-04:00", "2027-10-01", "2027-11-01"),
        ("2027-10-31T20:00:00-04:00", "2027-11-01", "2027-12-01"),
    ],
)
def test_a_month_is_one_of_the_calendar_in_utc(moment: str, first: str, next_first: str) -> None:
    starts_at, ends_at = month(datetime.fromisoformat(moment))
    assert (starts_at.isoformat(), ends_at.isoformat()) == (f"{first}T00:00:00+00:00", f"{next_first}T00:00:00+00:00")
    assert month(ends_at - timedelta(microseconds=1))[0] == starts_at
    assert month(ends_at)[0] == ends_at


def last_month() -> datetime:
    return month(database_month()[0] - timedelta(days=1))[0]


def work_last_month(user: User, units: int = 3, used: int = 3) -> Any:
    """Somebody held units last month and used some of them."""
    source = new_id()
    reserve(user, UsageKind.SCRAPE, units, source_id=source)
    this, _ = database_month()
    Rows.filter(user=user, starts_at=this).update(starts_at=last_month(), ends_at=this)
    if used:
        settle(source, used)
    return source


def test_who_was_at_work_last_month_finds_this_one_open(alice: User, bob: User, staff: User) -> None:
    work_last_month(alice)
    work_last_month(staff)
    User.objects.filter(pk=staff.pk).update(is_active=False)
    choose_plan(alice, Plan.objects.get(slug="creator"), alice)
    reserve(bob, UsageKind.DOWNLOAD, 1, source_id=new_id())
    opened = turn_month().opened
    assert opened >= 3
    this = Rows.filter(starts_at=database_month()[0])
    assert dict(this.filter(user=alice).values_list("kind", "limit")) == {
        "scrape": 500,
        "download": 300,
        "ai_generation": 400,
    }
    assert not this.filter(user=staff).exists()
    assert list(this.filter(user=bob).values_list("kind", "held")) == [("download", 1)]


def test_it_may_be_done_twice_and_takes_nothing_back(alice: User) -> None:
    work_last_month(alice)
    reserve(alice, UsageKind.SCRAPE, 5, source_id=new_id())
    first = turn_month()
    before = list(Rows.order_by("pk").values())
    assert turn_month() == Turned(0, 0)
    open_months()
    assert list(Rows.order_by("pk").values()) == before
    assert first.archived == 1
    assert Rows.get(kind="scrape", starts_at=database_month()[0]).held == 5


def test_a_month_is_put_away_when_its_last_work_has_ended(alice: User) -> None:
    source = work_last_month(alice, used=0)
    assert turn_month().archived == 0
    release(source)
    assert turn_month().archived == 1
    assert {rule.name: ids for rule, ids in verify() if ids} == {}


def test_rows_of_the_next_month_follow_the_plan_and_are_not_shown_yet(alice: User) -> None:
    reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())
    starts_at, ends_at = database_month()
    assert open_month(ends_at) == 3
    assert open_month(ends_at) == 0
    choose_plan(alice, Plan.objects.get(slug="creator"), alice)
    assert Rows.get(kind="scrape", starts_at=ends_at).limit == 500
    for now, shown in ((starts_at, [starts_at]), (ends_at, [ends_at, starts_at])):
        assert [row.starts_at for row in history(alice, now + timedelta(hours=1)).months] == shown


def test_on_its_last_day_the_next_month_is_opened_as_well(alice: User) -> None:
    reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())
    _, ends_at = database_month()
    assert turn_month(ends_at - timedelta(hours=25)).opened == 0
    assert turn_month(ends_at - timedelta(hours=23)).opened == 3
    assert Rows.filter(starts_at=ends_at).count() == 3


# --- a clock that is elsewhere ---


def call(name: str, token: str = TOKEN, **extra: Any) -> Any:
    return Client().post(f"/api/cron/{name}", headers={"Authorization": f"Bearer {token}"}, **extra)


def test_a_clock_turns_the_month_and_asks_for_a_reconciliation(till: Till, alice: User, settings: Settings) -> None:
    settings.CRON_SECRET_TOKEN = TOKEN
    work_last_month(alice)
    assert accepted(call("usage-reset"))["archived"] == 1
    assert accepted(call("usage-reset")) == {"opened": 0, "archived": 0}
    assert accepted(call("reconcile"), 202) == {"asked": True}
    assert accepted(call("reconcile"), 202) == {"asked": False}
    assert Job.objects.get().kind == "billing.reconcile"
    settings.STRIPE_SECRET_KEY = ""
    Job.objects.all().delete()
    assert accepted(call("reconcile"), 202) == {"asked": False}


@pytest.mark.parametrize("name", ["usage-reset", "reconcile"])
def test_only_who_knows_the_token_is_the_clock(
    name: str, alice: User, api: Client, settings: Settings, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(0):
        refused(call(name), 404, "NOT_FOUND")
        refused(call(name, ""), 404, "NOT_FOUND")
        settings.CRON_SECRET_TOKEN = TOKEN
        for wrong in ("", "the", TOKEN.upper(), f"{TOKEN} and more", "é" * 20):
            refused(call(name, wrong), 401, "UNAUTHORIZED")
        refused(Client().post(f"/api/cron/{name}"), 401, "UNAUTHORIZED")
        basic = Client(headers={"Authorization": f"Basic {TOKEN}"})
        refused(basic.post(f"/api/cron/{name}"), 401, "UNAUTHORIZED")
        assert basic.get(f"/api/cron/{name}").status_code == 405
    refused(api.post(f"/api/cron/{name}"), 401, "UNAUTHORIZED")
    assert not Job.objects.exists()


def test_a_short_token_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRON_SECRET_TOKEN", "short")
    with pytest.raises(Exception, match="CRON_SECRET_TOKEN must have 16 characters"):
        secret("CRON_SECRET_TOKEN", shortest=16)
