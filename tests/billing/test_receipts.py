"""A receipt tells what was held, charged and given back, why, and leads to what it was for."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing.history import history, last_months
from billing.models import Plan, Reservation, UsagePeriod
from billing.queries import month
from billing.receipts import Receipt, explained, receipts
from billing.services import choose_plan, release, reserve, settle, top_up
from downloads.models import Download
from ideaboards.models import Generation
from ideaboards.services import create_board
from ideaboards.specs import BoardChanges
from kapture.core.choices import Platform, UsageKind
from kapture.core.ids import new_id
from kapture.jobs.models import Job, State
from tests.billing.counting import queries_of
from trends.models import Scrape

pytestmark = pytest.mark.django_db
PAGE = "/usage/"


def job(owner: User, kind: str = "trends.scrape", **fields: object) -> Job:
    return Job.objects.create(owner=owner, kind=kind, deadline_at=timezone.now() + timedelta(hours=1), **fields)


def shown(user: User, kind: UsageKind | None = None) -> list[Receipt]:
    rows = receipts(user, month(timezone.now())[0], kind)
    return explained(user, list(rows))


def given(user: User, units: int, kind: UsageKind = UsageKind.SCRAPE) -> None:
    top_up(user, kind, units, source=UsagePeriod.Source.PURCHASE, source_id=str(new_id()), actor=user)


def test_work_held_in_two_places_is_one_receipt(browser: Client, alice: User) -> None:
    given(alice, 50)
    work = job(alice, title="YouTube: kites", state=State.COMPLETED)
    reserve(alice, UsageKind.SCRAPE, 26, source_id=work.pk)
    (held,) = shown(alice)
    assert (held.amount, held.settled, held.released, held.from_top_ups, held.open) == (26, 0, 0, 6, True)
    settle(work.pk, 22)
    (done,) = shown(alice)
    assert (done.amount, done.settled, done.released, done.from_top_ups) == (26, 22, 4, 2)
    assert (done.outcome, done.why) == ("Charged in part", "22 of 26 were needed; the rest was given back.")
    assert Reservation.objects.count() == 2
    page = browser.get(PAGE)
    assert len(page.context["receipts"]) == 1
    assert "2 from a top-up." in page.content.decode()
    assert "48 of 50 left" in page.content.decode()


def test_each_leads_to_what_it_was_for(browser: Client, alice: User, bob: User) -> None:
    choose_plan(alice, Plan.objects.get(slug="creator"), alice)
    scraped = job(alice, title="X: kites", state=State.COMPLETED)
    scrape = Scrape.objects.create(owner=alice, job=scraped, platform=Platform.X, keywords=["kites"], limit=5)
    fetched = job(alice, "downloads.fetch", title="a link", state=State.COMPLETED, subject_id=new_id())
    download = Download.objects.create(
        id=fetched.subject_id, owner=alice, job=job(alice), title="A kite flies", url="https://x.com/a/status/1"
    )
    board = create_board(alice, BoardChanges(title="Kites"))
    written = Generation.objects.create(
        owner=alice, board=board, kind="hook", state="failed", error_message="Too slow."
    )
    gone = job(alice, "downloads.fetch", title="Gone", state=State.COMPLETED, subject_id=new_id())
    for kind, pk, for_job in (
        (UsageKind.SCRAPE, scraped.pk, True),
        (UsageKind.DOWNLOAD, fetched.pk, True),
        (UsageKind.AI_GENERATION, written.pk, False),
        (UsageKind.DOWNLOAD, gone.pk, True),
    ):
        reserve(alice, kind, 1, source_id=pk, for_job=for_job)
    release(written.pk, "vendor_down")
    found = {receipt.title: receipt for receipt in shown(alice)}
    assert {title: receipt.url for title, receipt in found.items()} == {
        "X: kites": f"/trends/?scrape={scrape.pk}",
        "A kite flies": f"/downloads/{download.pk}/",
        "Hooks: Kites": f"/ideaboards/{board.pk}/",
        "Gone": "",
    }
    assert found["Hooks: Kites"].why == "Too slow."
    page = browser.get(PAGE).content.decode()
    for receipt in found.values():
        if receipt.url:
            assert f'href="{receipt.url}"' in page
            assert browser.get(receipt.url).status_code == 200


@pytest.mark.parametrize(
    ("state", "charged", "reason", "outcome", "why"),
    [
        (State.COMPLETED, 1, "completed", "Charged", "Completed."),
        (State.FAILED, 0, "geo_blocked", "Failed, not charged", "Not shown in this country."),
        (State.CANCELLED, 0, "cancelled", "Cancelled, not charged", "You cancelled it."),
        (State.COMPLETED, 0, "completed", "Not charged", "Completed, and nothing had to be paid for."),
    ],
)
def test_why_is_told_in_words(alice: User, state: State, charged: int, reason: str, outcome: str, why: str) -> None:
    work = job(alice, state=state, error_message="Not shown in this country." if state == State.FAILED else "")
    reserve(alice, UsageKind.DOWNLOAD, 1, source_id=work.pk)
    settle(work.pk, charged, reason)
    (receipt,) = shown(alice)
    assert (receipt.outcome, receipt.why, receipt.title) == (outcome, why, "Download")


@pytest.mark.parametrize(
    ("reason", "units", "why"),
    [
        ("stopped after the provider was asked", 1, "You stopped it after the writing had begun."),
        ("written before it was cancelled", 1, "You cancelled it while it was being written."),
        ("never finished", 0, "Nothing came back within ten minutes."),
        ("vendor_down", 0, "It failed."),
    ],
)
def test_work_without_a_job_says_why_too(alice: User, reason: str, units: int, why: str) -> None:
    pk = new_id()
    reserve(alice, UsageKind.AI_GENERATION, 1, source_id=pk, for_job=False)
    settle(pk, units, reason)
    assert [receipt.why for receipt in shown(alice)] == [why]


def test_receipts_of_one_kind(browser: Client, alice: User) -> None:
    for kind in UsageKind:
        reserve(alice, kind, 1, source_id=new_id(), for_job=False)
    page = browser.get(PAGE, {"kind": "download"})
    assert [receipt.kind for receipt in page.context["receipts"]] == [UsageKind.DOWNLOAD]
    assert "No receipts of this kind" in browser.get(PAGE, {"kind": "download", "month": "2020-01"}).content.decode()
    assert browser.get(PAGE, {"kind": "x"}).status_code == 400


def test_months_that_are_over_keep_their_sums(browser: Client, alice: User) -> None:
    now = timezone.now()
    given(alice, 10)
    start, end = month(month(now)[0] - timedelta(days=1))
    for kind, used in ((UsageKind.SCRAPE, 20), (UsageKind.DOWNLOAD, 3)):
        UsagePeriod.objects.create(
            user=alice, kind=kind, starts_at=start, ends_at=end, limit=20, used=used, archived_at=now
        )
    extra = new_id()
    period = UsagePeriod.objects.get(source="purchase")
    row = Reservation.objects.create(
        period=period, source_id=extra, amount=4, settled=4, state="settled", level_after=4, limit_at_grant=10
    )
    Reservation.objects.filter(pk=row.pk).update(created_at=end - timedelta(hours=1))
    before = history(alice, now).month(start)
    assert before is not None
    assert before.archived
    assert [(kind.used, kind.limit, kind.from_top_ups) for kind in before.kinds] == [
        (20, 20, 4),
        (3, 20, 0),
        (0, None, 0),
    ]
    page = browser.get(PAGE, {"month": f"{start:%Y-%m}"})
    assert [receipt.amount for receipt in page.context["receipts"]] == [4]
    text = " ".join(page.content.decode().split())
    assert f"{start:%B %Y} is over and put away: 20 of 20 scrapes and 4 from top-ups, 3 of 20 downloads" in text
    shown_months = last_months(history(alice, now), now)
    assert [row.starts_at for row in shown_months[-2:]] == [start, month(now)[0]]
    assert len(shown_months) == 6


def test_a_month_opened_ahead_is_not_shown_yet(alice: User) -> None:
    now = timezone.now()
    start = month(now)[1]
    UsagePeriod.objects.create(user=alice, kind="scrape", starts_at=start, ends_at=month(start)[1], limit=20)
    assert [row.starts_at for row in history(alice, now).months] == [month(now)[0]]


def test_more_top_ups_and_kinds_cost_no_more_queries(browser: Client, alice: User) -> None:
    def some(count: int) -> None:
        for _ in range(count):
            given(alice, 1)
            reserve(alice, UsageKind.SCRAPE, 1, source_id=job(alice, state=State.RUNNING).pk)

    some(10)
    few = queries_of(browser, PAGE, {"limit": "100"})
    some(30)
    assert queries_of(browser, PAGE, {"limit": "100"}) == few
