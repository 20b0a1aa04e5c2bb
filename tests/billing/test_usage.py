"""What somebody used and what it was for, on the page and over the API."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from billing.history import used_by_day
from billing.models import Plan, Reservation, UsageNotice, UsagePeriod
from billing.queries import KindUsage, month, price, runs_out, usage
from billing.services import choose_plan, reserve, settle, top_up
from kapture.core.choices import UsageKind
from kapture.core.errors import UsageExceeded
from kapture.core.ids import new_id
from kapture.jobs.models import Job, State
from kapture.web.errors import explain
from tests.api.answers import accepted, refused
from tests.billing.counting import queries_of

pytestmark = pytest.mark.django_db
PAGE = "/usage/"


def work(owner: User, title: str, *, units: int = 1, state: State = State.COMPLETED, charged: int | None = None) -> Job:
    """A job that held `units` scrapes and was charged `charged` of them; None leaves the hold open."""
    job = Job.objects.create(
        owner=owner, kind="trends.scrape", title=title, state=state, deadline_at=timezone.now() + timedelta(hours=1)
    )
    reserve(owner, UsageKind.SCRAPE, units, source_id=job.pk)
    if charged is not None:
        settle(job.pk, charged, state.value)
    return job


def test_meters_count_what_is_used_and_what_is_held(browser: Client, alice: User) -> None:
    work(alice, "done", units=3, charged=3)
    work(alice, "running", units=2, state=State.RUNNING)
    row = browser.get(PAGE).context["meters"][0].usage
    assert (row.used, row.held, row.current, row.limit, row.remaining) == (3, 2, 5, 20, 15)
    content = browser.get(PAGE).content.decode()
    assert "15 left" in content
    assert "2 held by running work" in content


def test_a_level_is_named_while_it_is_reached(browser: Client, alice: User) -> None:
    work(alice, "done", units=16, charged=16)
    period = UsagePeriod.objects.get(user=alice, kind="scrape")
    UsageNotice.objects.get_or_create(period=period, percent=80)
    UsageNotice.objects.get_or_create(period=period, percent=100)
    told = " ".join(browser.get(PAGE).content.decode().split())
    assert "You were told at 80&nbsp;% on" in told
    assert "at 100&nbsp;%" not in told


def test_receipts_say_what_each_was_for_and_how_it_ended(browser: Client, alice: User) -> None:
    work(alice, "whole", units=2, charged=2)
    work(alice, "part", units=2, charged=1)
    work(alice, "failed", charged=0, state=State.FAILED)
    work(alice, "cancelled", charged=0, state=State.CANCELLED)
    work(alice, "nothing new", charged=0)
    work(alice, "running", state=State.RUNNING)
    reserve(alice, UsageKind.AI_GENERATION, 1, source_id=new_id(), for_job=False)
    found = {receipt.title: receipt.outcome for receipt in browser.get(PAGE).context["receipts"]}
    assert found == {
        "whole": "Charged",
        "part": "Charged in part",
        "failed": "Failed, not charged",
        "cancelled": "Cancelled, not charged",
        "nothing new": "Not charged",
        "running": "Held while it runs",
        "AI generation": "Held while it runs",
    }


def test_nothing_of_others_is_shown(browser: Client, bob: User) -> None:
    work(bob, "bobs secret work", charged=1)
    assert b"bobs secret work" not in browser.get(PAGE).content


def test_titles_are_shown_as_text(browser: Client, alice: User) -> None:
    work(alice, "<script>alert(1)</script>", charged=1)
    assert b"<script>alert" not in browser.get(PAGE).content


def test_receipts_are_cut_into_pages(browser: Client, alice: User) -> None:
    choose_plan(alice, Plan.objects.get(slug="creator"), alice)
    for index in range(45):
        work(alice, f"work {index}", charged=1)
    first, last = browser.get(PAGE), browser.get(PAGE, {"page": 3})
    assert next(receipt.title for receipt in first.context["receipts"]) == "work 44"
    assert [receipt.title for receipt in last.context["receipts"]] == [f"work {index}" for index in range(4, -1, -1)]
    assert "1–20 of 45" in first.content.decode()
    assert "Nothing on this page" in browser.get(PAGE, {"page": 9}).content.decode()


def test_a_past_month_can_be_looked_at(browser: Client, alice: User) -> None:
    period = UsagePeriod.objects.create(
        user=alice,
        kind=UsageKind.SCRAPE,
        starts_at=datetime(2025, 12, 1, tzinfo=UTC),
        ends_at=datetime(2026, 1, 1, tzinfo=UTC),
        limit=20,
        used=1,
    )
    Reservation.objects.create(
        period=period, source_id=new_id(), amount=1, settled=1, state="settled", level_after=1, limit_at_grant=20
    )
    work(alice, "this month", charged=1)
    response = browser.get(PAGE, {"month": "2025-12"})
    assert [receipt.title for receipt in response.context["receipts"]] == ["Scrape"]
    assert [words for _, words in response.context["months"]][-1] == "December 2025"
    assert [receipt.title for receipt in browser.get(PAGE).context["receipts"]] == ["this month"]


@pytest.mark.parametrize("query", [{"month": "x"}, {"month": "2026-13"}, {"month": "2026-11-01"}, {"page": "0"}])
def test_a_wrong_query_is_refused(browser: Client, query: dict[str, str]) -> None:
    assert browser.get(PAGE, query).status_code == 400


def test_the_first_visit_explains_what_will_be_here(browser: Client) -> None:
    content = browser.get(PAGE).content.decode()
    assert "No receipts in this month" in content
    assert "Charged in the last 30 days" not in content


def test_more_receipts_cost_no_more_queries(browser: Client, alice: User) -> None:
    choose_plan(alice, Plan.objects.get(slug="creator"), alice)
    for index in range(10):
        work(alice, f"work {index}", charged=1)
    few = queries_of(browser, PAGE, {"limit": "100"})
    for index in range(90):
        work(alice, f"more {index}", charged=1)
    assert queries_of(browser, PAGE, {"limit": "100"}) == few
    assert len(browser.get(PAGE, {"limit": 100}).context["receipts"]) == 100


@pytest.mark.parametrize(
    ("day", "used", "limit", "expected"),
    [
        # Ten of 30 days used up 10 of 20: the other 10 last ten days more.
        (11, 10, 20, datetime(2026, 11, 21, tzinfo=UTC)),
        (11, 5, 20, None),
        (11, 0, 20, None),
        (11, 20, 20, None),
        (1, 19, 20, None),
    ],
)
def test_the_forecast_is_a_straight_line(day: int, used: int, limit: int, expected: datetime | None) -> None:
    now = datetime(2026, 11, day, tzinfo=UTC)
    row = KindUsage(UsageKind.SCRAPE, used, 0, limit, month(now)[1])
    assert runs_out(row, now) == expected


@pytest.mark.parametrize(
    ("kind", "limit", "words"),
    [
        (UsageKind.SCRAPE, 0, "0 scrapes left"),
        (UsageKind.DOWNLOAD, 1, "1 download left"),
        (UsageKind.AI_GENERATION, 1, "1 AI generation left"),
        (UsageKind.AI_GENERATION, 1_200, "1,200 AI generations left"),
    ],
)
def test_what_is_left_in_words(kind: UsageKind, limit: int, words: str) -> None:
    assert KindUsage(kind, 0, 0, limit, timezone.now()).left == words


def test_meters_take_one_query_once_every_kind_was_used(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    for kind in UsageKind:
        with django_assert_num_queries(3):
            assert [row.kind for row in usage(alice, now)] == list(UsageKind)
        reserve(alice, kind, 1, source_id=new_id())
    with django_assert_num_queries(1):
        assert [row.held for row in usage(alice, now)] == [1, 1, 1]


def test_days_count_what_was_charged_on_them(alice: User) -> None:
    now = timezone.now()
    work(alice, "today", units=2, charged=2)
    yesterday = work(alice, "yesterday", units=3, charged=3)
    Reservation.objects.filter(source_id=yesterday.pk).update(created_at=now - timedelta(days=1))
    work(alice, "released", charged=0, state=State.FAILED)
    found = used_by_day(alice, now, 7)
    assert found[UsageKind.SCRAPE] == [0, 0, 0, 0, 0, 3, 2]
    assert found[UsageKind.DOWNLOAD] == [0] * 7
    assert used_by_day(alice, now - timedelta(days=1), 2)[UsageKind.SCRAPE] == [0, 3]


@pytest.mark.parametrize(("cents", "words"), [(0, "$0"), (1900, "$19"), (550, "$5.50"), (123456, "$1,234.56")])
def test_prices_in_words(cents: int, words: str) -> None:
    assert price(Plan(price_cents=cents)) == words


def test_the_plans_page_marks_the_current_plan_and_says_how_to_change_it(browser: Client, alice: User) -> None:
    choose_plan(alice, Plan.objects.get(slug="creator"), alice)
    response = browser.get("/usage/plans/")
    assert [(offer.plan.slug, offer.current) for offer in response.context["offers"].plans] == [
        ("free", False),
        ("creator", True),
        ("studio", False),
    ]
    assert b"Plans are changed by staff here." in response.content


def test_a_plan_made_for_one_person_is_shown_to_them_alone(browser: Client, stranger: Client, alice: User) -> None:
    special = Plan.objects.create(
        name="Special", slug="special", scrapes=7, downloads=7, ai_generations=7, is_public=False
    )
    choose_plan(alice, special, alice)
    assert b"Special" in browser.get("/usage/plans/").content
    assert b"Special" not in stranger.get("/usage/plans/").content


def test_strangers_are_led_to_the_entrance(client: Client) -> None:
    for path in (PAGE, "/usage/plans/"):
        assert client.get(path)["Location"].startswith("/accounts/login/?next=/usage/")


def test_the_api_tells_the_same(api: Client, alice: User, bob: User) -> None:
    work(alice, "done", units=3, charged=2)
    work(bob, "his", charged=1)
    data = accepted(api.get("/api/billing/usage"))
    assert data["plan"]["slug"] == "free"
    scrape = data["kinds"][0]
    assert {**scrape, "resetsAt": None, "runsOutAt": None} == {
        "type": "scrape",
        "used": 2,
        "held": 0,
        "current": 2,
        "limit": 20,
        "topUps": 0,
        "remaining": 18,
        "resetsAt": None,
        "runsOutAt": None,
    }
    assert scrape["resetsAt"] == f"{month(timezone.now())[1]:%Y-%m-%dT%H:%M:%SZ}"
    free = Plan.objects.get(slug="free")
    assert [row["limit"] for row in data["history"][0]["kinds"]] == [free.limit(kind) for kind in UsageKind]
    assert [(row["type"], row["amount"], row["settled"], row["state"]) for row in data["receipts"]] == [
        ("scrape", 3, 2, "settled")
    ]


def test_plans_are_told_to_everybody_and_may_be_kept(client: Client, plans: None) -> None:
    Plan.objects.filter(slug="studio").update(is_public=False)
    response = client.get("/api/billing/plans")
    assert [plan["slug"] for plan in accepted(response)] == ["free", "creator"]
    assert response["Cache-Control"] == "public, max-age=300"


def test_usage_is_told_to_its_owner_alone(client: Client) -> None:
    refused(client.get("/api/billing/usage"), 401, "UNAUTHORIZED")


def test_a_refusal_at_the_limit_leads_to_plans_and_where_they_are_sold_to_top_ups(
    alice: User, settings: Settings
) -> None:
    for key, links in (
        ("", [("See plans", "/usage/plans/")]),
        ("sk_test_x", [("Buy a top-up", "/usage/plans/#top-ups"), ("See plans", "/usage/plans/")]),
    ):
        settings.STRIPE_SECRET_KEY = key
        with pytest.raises(UsageExceeded) as refusal:
            reserve(alice, UsageKind.SCRAPE, 21, source_id=new_id())
        shown = explain(refusal.value)
        assert shown.status == 403
        assert list(shown.links) == links
        assert "Ask for 20 or fewer now." in shown.points
        assert ("buy a top-up" in shown.points[-1]) is bool(key)


def test_the_frame_warns_only_when_top_ups_run_low_too(browser: Client, alice: User) -> None:
    work(alice, "all of it", units=20, charged=20)
    assert b"Scrapes are used up" in browser.get(PAGE).content
    top_up(alice, UsageKind.SCRAPE, 50, source=UsagePeriod.Source.GRANT, source_id="x", actor=None)
    assert b"Scrapes are used up" not in browser.get(PAGE).content
