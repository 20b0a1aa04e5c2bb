"""From the wish to the rows: one paid run a scrape, one unit for each that worked, a name for each failure."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from billing.models import Reservation, UsagePeriod
from kapture.audit.models import AuditEvent
from kapture.core import leaving
from kapture.core.choices import Platform
from kapture.core.errors import InvalidInput, Unavailable, UsageExceeded
from kapture.core.oracle import verify
from kapture.gateways.scraping import DateRange
from kapture.jobs.models import Job, State
from kapture.jobs.runner import run_job
from kapture.jobs.services import cancel, retry
from kapture.sandbox.control import Control
from trends.keeping import delete_trends
from trends.models import Scrape, Trend
from trends.services import request_bulk_scrape, request_scrape
from trends.specs import ScrapeSpec

pytestmark = pytest.mark.django_db(transaction=True)
START = "POST /v2/actors/*/runs"
POLL = "GET /v2/actor-runs/*"
ITEMS = "GET /v2/datasets/*/items"
LAMPS = ScrapeSpec(Platform.TIKTOK, ("studio lighting", "#lamps"), limit=12)


@pytest.fixture(autouse=True)
def _promises() -> Iterator[None]:
    yield
    assert {rule.name: found for rule, found in verify() if found} == {}


def done(scrape: Scrape) -> Scrape:
    """The scrape after one attempt at its job."""
    run_job(scrape.job.pk)
    fresh: Scrape = Scrape.objects.select_related("job").get(pk=scrape.pk)
    return fresh


def again(scrape: Scrape) -> Scrape:
    """The scrape after its next attempt, whose time has come."""
    Job.objects.filter(pk=scrape.job.pk).update(run_after=timezone.now() - timedelta(seconds=1))
    return done(scrape)


def charge(scrape: Scrape) -> tuple[str, int]:
    return Reservation.objects.values_list("state", "settled").get(source_id=scrape.job.pk)


@pytest.mark.parametrize("platform", list(Platform))
def test_a_scrape_stores_what_it_finds_and_costs_one_unit(alice: User, apify: Control, platform: Platform) -> None:
    scrape = done(request_scrape(alice, ScrapeSpec(platform, ("studio lighting", "lamps"), limit=12)))
    assert (scrape.job.state, charge(scrape)) == (State.COMPLETED, ("settled", 1))
    assert scrape.stored == Trend.objects.filter(owner=alice, platform=platform, scrape=scrape).count() > 0
    assert scrape.job.result == {
        "scrapeId": str(scrape.pk), "read": scrape.read, "stored": scrape.stored, "merged": scrape.merged,
        "rejected": scrape.rejected, "note": "",
    }  # fmt: skip
    assert scrape.finished_at is not None
    assert scrape.cost_usd is not None
    assert AuditEvent.objects.filter(action="trends.scrape_requested", actor_id=alice.pk).count() == 1


def test_the_same_search_again_merges(alice: User, apify: Control) -> None:
    first = done(request_scrape(alice, LAMPS))
    second = done(request_scrape(alice, LAMPS))
    assert second.merged >= first.stored - 3
    assert Trend.objects.count() == first.stored + second.stored


def test_filters_the_actor_does_not_know_are_applied_here(alice: User, apify: Control) -> None:
    spec = ScrapeSpec(Platform.YOUTUBE, ("lamps",), limit=20, date_range=DateRange.MONTH, min_views=2**50)
    scrape = done(request_scrape(alice, spec))
    assert scrape.rejected["below_min_views"] > 0
    assert (scrape.stored, scrape.note) == (0, "Nothing was found for these keywords.")
    assert apify.requests(START)[0]["body"]["dateFilter"] == "month"


def test_an_empty_search_completes_and_says_so(alice: User, apify: Control) -> None:
    scrape = done(request_scrape(alice, ScrapeSpec(Platform.X, ("zzz nothing",))))
    assert (scrape.job.state, scrape.rejected) == (State.COMPLETED, {"no_results": 1})
    assert scrape.note == "Nothing was found for these keywords."


def test_without_a_token_nothing_is_accepted(alice: User) -> None:
    with pytest.raises(Unavailable, match="APIFY_API_TOKEN"):
        request_scrape(alice, LAMPS)
    assert (Scrape.objects.count(), Job.objects.count(), UsagePeriod.objects.count()) == (0, 0, 0)


def test_several_platforms_are_accepted_together_or_not_at_all(alice: User, apify: Control) -> None:
    scrapes = request_bulk_scrape(alice, LAMPS, list(Platform))
    assert [scrape.platform for scrape in scrapes] == ["youtube", "tiktok", "reddit", "x"]
    period = UsagePeriod.objects.get(user=alice)
    UsagePeriod.objects.filter(pk=period.pk).update(limit=period.held + 2)
    with pytest.raises(UsageExceeded) as caught:
        request_bulk_scrape(alice, LAMPS, list(Platform))
    assert Scrape.objects.count() == 4
    assert (caught.value.details["requested"], caught.value.details["remaining"]) == (4, 2)
    assert caught.value.details["alternatives"][0] == "Choose 2 platforms for now."


@pytest.mark.parametrize(
    "wrong",
    [
        {"keywords": ()},
        {"keywords": tuple(f"k{n}" for n in range(11))},
        {"keywords": ("x" * 101,)},
        {"keywords": ("",)},
        {"limit": 0},
        {"limit": 101},
        {"min_views": -1},
        {"language": "xx"},
    ],
)
def test_a_spec_cannot_be_wrong(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        ScrapeSpec(**{"platform": Platform.X, "keywords": ("lamp",), **wrong})


def test_a_failing_vendor_is_tried_again_and_its_run_continued(alice: User, apify: Control) -> None:
    apify.fault("status", ITEMS, times=3, status=503)
    scrape = done(request_scrape(alice, LAMPS))
    assert (scrape.job.state, scrape.job.attempt, scrape.read) == (State.QUEUED, 1, 0)
    scrape = again(scrape)
    assert (scrape.job.state, charge(scrape)) == (State.COMPLETED, ("settled", 1))
    assert len(apify.requests(START)) == 1


def test_a_start_whose_answer_was_lost_is_found_again(alice: User, apify: Control) -> None:
    apify.fault("drop", START, perform=True)
    scrape = done(request_scrape(alice, LAMPS))
    assert (scrape.job.state, scrape.run_ref) == (State.QUEUED, "")
    scrape = again(scrape)
    assert scrape.job.state == State.COMPLETED
    assert len(apify.requests(START)) == 1


def test_a_start_that_never_arrived_is_made_again(alice: User, apify: Control) -> None:
    apify.fault("drop", START, perform=False)
    scrape = again(done(request_scrape(alice, LAMPS)))
    assert scrape.job.state == State.COMPLETED
    assert len(apify.get("/_sandbox/runs")) == 1


@pytest.mark.parametrize(
    ("status", "code"), [(401, "bad_token"), (402, "no_credit"), (403, "forbidden"), (400, "bad_request")]
)
def test_a_refusal_ends_the_scrape_with_a_name_and_a_remedy_and_no_charge(
    alice: User, apify: Control, status: int, code: str
) -> None:
    apify.fault("status", START, status=status)
    scrape = done(request_scrape(alice, LAMPS))
    assert (scrape.job.state, scrape.job.error_code, charge(scrape)) == (State.FAILED, code, ("released", 0))
    assert scrape.job.remedy
    assert scrape.note == scrape.job.error_message


def test_a_vendor_that_stays_down_ends_the_scrape_after_three_attempts(alice: User, apify: Control) -> None:
    apify.fault("status", START, times=50, status=500)
    apify.fault("status", "GET /v2/actors/*/runs", times=50, status=500)
    scrape = again(again(done(request_scrape(alice, LAMPS))))
    assert (scrape.job.state, scrape.job.attempt, charge(scrape)) == (State.FAILED, 3, ("released", 0))


def test_a_run_that_breaks_off_keeps_what_it_found(alice: User, apify: Control) -> None:
    apify.turn(run_seconds=1.0, fail_runs=True)
    scrape = done(request_scrape(alice, LAMPS))
    assert (scrape.job.state, charge(scrape)) == (State.COMPLETED, ("settled", 1))
    assert scrape.note == "The platform's scraper broke off; what it had found is kept."
    assert scrape.stored > 0


def test_a_run_that_breaks_off_empty_handed_fails(alice: User, apify: Control) -> None:
    apify.turn(fail_runs=True)
    scrape = done(request_scrape(alice, ScrapeSpec(Platform.REDDIT, ("zzz",))))
    assert (scrape.job.state, scrape.job.error_code) == (State.FAILED, "actor_failed")


def test_a_run_that_is_gone_fails_and_can_be_asked_for_anew(alice: User, apify: Control) -> None:
    apify.fault("status", ITEMS, times=3, status=503)
    scrape = done(request_scrape(alice, LAMPS))
    apify.reset()
    scrape = again(scrape)
    assert (scrape.job.state, scrape.job.error_code, charge(scrape)) == (State.FAILED, "run_gone", ("released", 0))
    assert apify.requests(START) == []


def test_a_cancelled_scrape_stops_its_run_and_costs_nothing(alice: User, apify: Control) -> None:
    apify.turn(run_seconds=60.0)
    scrape = request_scrape(alice, LAMPS)
    worker = Thread(target=work, args=[scrape])
    worker.start()
    while not Scrape.objects.exclude(run_ref="").filter(pk=scrape.pk).exists():
        worker.join(0.05)
    cancel(Job.objects.get(pk=scrape.job.pk), alice)
    worker.join(20)
    scrape = Scrape.objects.select_related("job").get(pk=scrape.pk)
    assert (scrape.job.state, charge(scrape)) == (State.CANCELLED, ("released", 0))
    assert [run["status"] for run in apify.get("/_sandbox/runs")] == ["ABORTED"]
    assert scrape.finished_at is not None


def test_a_scrape_whose_worker_ends_goes_on_with_the_same_run(
    alice: User, apify: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    apify.turn(run_seconds=4.0)
    monkeypatch.setattr(leaving, "_mark", b"\1")
    scrape = done(request_scrape(alice, LAMPS))
    assert (scrape.job.state, scrape.job.attempt, charge(scrape)) == (State.QUEUED, 0, ("held", 0))
    assert [run["status"] for run in apify.get("/_sandbox/runs")] == ["RUNNING"]
    monkeypatch.undo()
    scrape = again(scrape)
    assert (scrape.job.state, scrape.job.attempt, charge(scrape)) == (State.COMPLETED, 1, ("settled", 1))
    assert len(apify.requests(START)) == 1


def test_a_last_attempt_whose_worker_ends_leaves_its_run_to_the_next(
    alice: User, apify: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrape = request_scrape(alice, LAMPS)
    Job.objects.filter(pk=scrape.job.pk).update(attempt=2)
    apify.turn(run_seconds=60.0)
    apify.fault("status", POLL, times=99, status=503)
    monkeypatch.setattr(leaving, "_mark", b"\1")
    scrape = done(scrape)
    assert (scrape.job.state, scrape.job.attempt) == (State.QUEUED, 2)
    assert [run["status"] for run in apify.get("/_sandbox/runs")] == ["RUNNING"]


def work(scrape: Scrape) -> None:
    """One attempt in a thread, with a database connection of its own."""
    run_job(scrape.job.pk)
    connection.close()


def test_a_failed_scrape_is_asked_for_again_as_a_new_one(alice: User, apify: Control) -> None:
    apify.fault("status", START, status=402)
    scrape = done(request_scrape(alice, LAMPS))
    fresh = Scrape.objects.get(job=retry(scrape.job, alice))
    assert fresh.pk != scrape.pk
    assert (fresh.keywords, fresh.limit) == (scrape.keywords, scrape.limit)
    assert done(fresh).job.state == State.COMPLETED


def test_a_second_message_for_the_same_job_starts_nothing(alice: User, apify: Control) -> None:
    scrape = done(request_scrape(alice, LAMPS))
    run_job(scrape.job.pk)
    assert len(apify.requests(START)) == 1
    assert charge(scrape) == ("settled", 1)


def test_deleting_moves_the_totals_and_passes_over_what_belongs_to_others(
    alice: User, bob: User, apify: Control
) -> None:
    done(request_scrape(alice, LAMPS))
    done(request_scrape(bob, LAMPS))
    foreign = list(Trend.objects.filter(owner=bob).values_list("pk", flat=True))
    mine = list(Trend.objects.filter(owner=alice).values_list("pk", flat=True))
    change = delete_trends(alice, [*foreign, *mine[:3]])
    assert change is not None
    assert len(change.before) == 3
    assert Trend.objects.for_user(bob).count() == len(foreign)
    assert Trend.objects.for_user(alice).count() == len(mine) - 3
