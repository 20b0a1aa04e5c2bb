"""Runs are started once, read while they work, and fail with a name."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from kapture.core.choices import Platform
from kapture.core.errors import Unavailable, VendorFailed
from kapture.core.ids import new_id
from kapture.gateways.breaker import BreakerState, reading
from kapture.gateways.scraping import Post, RunState, ScrapeQuery, normalise
from kapture.gateways.scraping.apify import Scraper
from kapture.gateways.scraping.types import DateRange
from kapture.sandbox.control import Control
from tests.gateways.scraping.conftest import LAMPS

START = "POST /v2/actors/*/runs"
POLL = "GET /v2/actor-runs/*"
ITEMS = "GET /v2/datasets/*/items"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("platform", list(Platform))
def test_a_run_is_started_polled_and_read(apify: Control, platform: Platform) -> None:
    scraper = Scraper(ScrapeQuery(platform, ("studio lighting", "#lamps"), 12, DateRange.MONTH, None, "en"))
    run = scraper.start(job_id=new_id(), now=now())
    ended = scraper.poll(run.ref, wait=timedelta(seconds=2))
    page = scraper.items(ended)
    posts = [post for item in page.items if isinstance(post := normalise(platform, item, now=now()), Post)]
    assert ended.state is RunState.SUCCEEDED
    assert 0 < len(posts) <= 12
    assert page.next_offset == page.total == len(page.items)
    assert ended.cost_usd is not None


@pytest.mark.parametrize("platform", list(Platform))
def test_a_look_finds_the_same_posts_by_their_addresses(apify: Control, platform: Platform) -> None:
    def found(query: ScrapeQuery) -> list[Post]:
        scraper = Scraper(query)
        page = scraper.items(scraper.poll(scraper.start(job_id=new_id(), now=now()).ref))
        return [post for item in page.items if isinstance(post := normalise(platform, item, now=now()), Post)]

    first = found(ScrapeQuery(platform, ("lamps",), 4))[:3]
    apify.turn(growth=4.0)
    again = found(ScrapeQuery(platform, (), 3, urls=tuple(post.url for post in first)))
    assert [post.external_id for post in again] == [post.external_id for post in first]
    assert sum(post.comments or 0 for post in again) > sum(post.comments or 0 for post in first)


def test_a_start_carries_its_limits_and_the_job(scraper: Scraper, apify: Control) -> None:
    job_id = new_id()
    scraper.start(job_id=job_id, now=now())
    request = apify.requests(START)[0]
    assert {name: request["query"][name] for name in ("maxItems", "maxTotalChargeUsd", "timeout")} == {
        "maxItems": "6", "maxTotalChargeUsd": "1.00", "timeout": "300",
    }  # fmt: skip
    assert request["body"]["customData"] == {"kaptureJob": str(job_id)}
    assert request["body"]["searchQueries"] == ["studio lighting"]


def test_items_are_read_while_the_run_still_works(scraper: Scraper, apify: Control) -> None:
    apify.turn(run_seconds=30.0)
    run = scraper.start(job_id=new_id(), now=now())
    assert scraper.poll(run.ref).state is RunState.RUNNING
    assert scraper.items(run).total < 6
    scraper.abort(run.ref)
    assert scraper.poll(run.ref).state is RunState.ABORTED


def test_items_are_read_in_pages(scraper: Scraper) -> None:
    run = scraper.poll(scraper.start(job_id=new_id(), now=now()).ref)
    first = scraper.items(run, limit=4)
    second = scraper.items(run, offset=first.next_offset, limit=4)
    assert [len(first.items), second.next_offset] == [4, second.total]


def test_a_lost_run_is_found_again_by_its_job(scraper: Scraper) -> None:
    since, mine = now(), new_id()
    scraper.start(job_id=new_id(), now=now())
    run = scraper.start(job_id=mine, now=now())
    scraper.start(job_id=new_id(), now=now())
    found = scraper.find(job_id=mine, since=since)
    assert found is not None
    assert (found.ref, found.dataset_ref) == (run.ref, run.dataset_ref)
    assert scraper.find(job_id=new_id(), since=since) is None


def test_a_start_is_sent_once_even_when_its_answer_is_lost(scraper: Scraper, apify: Control) -> None:
    apify.fault("drop", START, perform=True)
    job_id, since = new_id(), now()
    with pytest.raises(VendorFailed) as caught:
        scraper.start(job_id=job_id, now=now())
    assert (caught.value.reason, caught.value.retryable) == ("start_unknown", True)
    assert len(apify.requests(START)) == 1
    assert scraper.find(job_id=job_id, since=since) is not None


@pytest.mark.parametrize(
    ("fault", "reason", "retryable"),
    [
        ({"mode": "status", "status": 401}, "bad_token", False),
        ({"mode": "status", "status": 402}, "no_credit", False),
        ({"mode": "status", "status": 403}, "forbidden", False),
        ({"mode": "status", "status": 400}, "bad_request", False),
        ({"mode": "status", "status": 404}, "not_found", False),
        ({"mode": "status", "status": 429, "retry_after": 43_200}, "rate_limited", True),
        ({"mode": "status", "status": 500}, "down", True),
        ({"mode": "html"}, "bad_answer", True),
        ({"mode": "empty"}, "bad_answer", True),
        ({"mode": "truncate"}, "bad_answer", True),
        ({"mode": "body", "body": "[" * 60_000}, "bad_answer", True),
        ({"mode": "body", "status": 302, "body": ""}, "refused", False),
        ({"mode": "cut"}, "unreachable", True),
        ({"mode": "drop"}, "unreachable", True),
        ({"mode": "huge"}, "too_large", False),
    ],
)
def test_each_way_of_failing_has_a_name(
    scraper: Scraper, apify: Control, fault: dict[str, Any], reason: str, retryable: bool
) -> None:
    run = scraper.poll(scraper.start(job_id=new_id(), now=now()).ref)
    apify.fault(route=ITEMS, times=9, **fault)
    with pytest.raises(VendorFailed) as caught:
        scraper.items(run)
    assert (caught.value.service, caught.value.reason, caught.value.retryable) == ("apify", reason, retryable)
    if "retry_after" in fault:
        assert caught.value.retry_after == 60


@pytest.mark.thorough
@pytest.mark.parametrize("fault", [{"mode": "hang"}, {"mode": "drip", "bps": 40.0}, {"mode": "delay"}])
def test_a_vendor_that_does_not_come_to_an_end_is_left(scraper: Scraper, apify: Control, fault: dict[str, Any]) -> None:
    run = scraper.poll(scraper.start(job_id=new_id(), now=now()).ref)
    apify.fault(route=ITEMS, times=9, **fault)
    began = time.monotonic()
    with pytest.raises(VendorFailed) as caught:
        Scraper(LAMPS, timeout=0.2).items(run)
    assert (caught.value.reason, caught.value.retryable) == ("timeout", True)
    assert time.monotonic() - began < 5


def test_an_answer_of_another_shape_is_named(scraper: Scraper, apify: Control) -> None:
    run = scraper.start(job_id=new_id(), now=now())
    apify.fault("schema", POLL, times=9)
    with pytest.raises(VendorFailed) as caught:
        scraper.poll(run.ref)
    assert caught.value.reason == "bad_answer"


def test_a_read_is_repeated_when_that_can_help(scraper: Scraper, apify: Control) -> None:
    run = scraper.poll(scraper.start(job_id=new_id(), now=now()).ref)
    apify.fault("status", ITEMS, times=2, status=503)
    assert scraper.items(run).total == 6


def test_a_run_that_is_gone_is_named(scraper: Scraper) -> None:
    with pytest.raises(VendorFailed) as caught:
        scraper.poll("nosuchrun00000001")
    assert caught.value.reason == "run_gone"


def test_five_failures_in_a_row_rest_the_vendor(scraper: Scraper, apify: Control) -> None:
    apify.fault("status", START, times=50, status=500)
    for _ in range(5):
        with pytest.raises(VendorFailed):
            scraper.start(job_id=new_id(), now=now())
    with pytest.raises(Unavailable) as caught:
        scraper.start(job_id=new_id(), now=now())
    assert 0 < (caught.value.retry_after or 0) <= 60
    assert reading("apify").state is BreakerState.OPEN
    assert len(apify.requests(START)) == 5


def test_a_refusal_does_not_count_against_the_vendor(scraper: Scraper, apify: Control) -> None:
    apify.fault("status", START, times=50, status=402)
    for _ in range(7):
        with pytest.raises(VendorFailed):
            scraper.start(job_id=new_id(), now=now())
    assert reading("apify").state is BreakerState.CLOSED


def test_without_a_token_the_vendor_is_off_and_says_what_to_set(settings: Settings) -> None:
    settings.APIFY_API_TOKEN = ""
    with pytest.raises(Unavailable, match="APIFY_API_TOKEN"):
        Scraper(LAMPS)


def test_a_vendor_that_cannot_be_reached_is_named(settings: Settings) -> None:
    settings.APIFY_API_TOKEN, settings.APIFY_API_URL = "apify_api_test", "http://127.0.0.1:9"
    with pytest.raises(VendorFailed) as caught:
        Scraper(LAMPS).start(job_id=new_id(), now=now())
    assert caught.value.reason == "unreachable"
