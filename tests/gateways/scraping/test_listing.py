"""Reddit without a key: one host, named failures, nothing followed elsewhere."""

import time
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from kapture.core.choices import Platform
from kapture.core.errors import VendorFailed
from kapture.core.ids import new_id
from kapture.gateways.scraping import DateRange, Post, RunState, ScrapeQuery, listing, normalise
from kapture.gateways.scraping.contract import scraper
from kapture.sandbox.control import Control
from tests.gateways.scraping.test_apify import now
from tests.keyfree import INFO, LISTING

LAMPS = ScrapeQuery(Platform.REDDIT, ("studio lighting", "lamps"), limit=10)


def found(query: ScrapeQuery) -> list[Post]:
    search = scraper("reddit", query)
    run = search.start(job_id=new_id(), now=now())
    items: list[object] = []
    while search.poll(run.ref).state is RunState.RUNNING:
        page = search.items(run, offset=len(items))
        items += page.items
        run = replace(run, ref=page.ref)
    outcomes = [normalise(Platform.REDDIT, item, now=now(), provider="reddit") for item in items]
    return [outcome for outcome in outcomes if isinstance(outcome, Post)]


def test_each_keyword_is_one_request_that_says_who_asks(reddit: Control) -> None:
    posts = found(replace(LAMPS, date_range=DateRange.WEEK))
    assert len(posts) == LAMPS.limit
    first = reddit.requests(LISTING)[0]
    assert first["query"] == {
        "q": "studio lighting", "sort": "top", "t": "week", "type": "link", "limit": "5", "raw_json": "1",
    }  # fmt: skip
    assert first["headers"]["user-agent"].startswith("web:kapture")
    assert all(post.likes is not None and post.community and post.author_handle for post in posts)
    assert {post.views for post in posts} == {None}


def test_a_look_asks_for_all_posts_at_once(reddit: Control) -> None:
    first = found(replace(LAMPS, keywords=("lamps",), limit=6))
    reddit.turn(growth=5.0)
    gone = "https://www.reddit.com/r/lamps/comments/abc123/"
    again = found(ScrapeQuery(Platform.REDDIT, (), 7, urls=(*(post.url for post in first), gone, "no address")))
    assert [post.external_id for post in again] == [post.external_id for post in first]
    assert all((later.likes or 0) >= (before.likes or 0) for before, later in zip(first, again, strict=True))
    assert sum(post.likes or 0 for post in again) > sum(post.likes or 0 for post in first)
    assert len(reddit.requests(INFO)) == 1


def test_nothing_found_is_no_failure(reddit: Control) -> None:
    assert found(replace(LAMPS, keywords=("zzz",))) == []


def test_a_listing_longer_than_asked_for_is_cut(reddit: Control) -> None:
    thing = {"kind": "t3", "data": {"name": "t3_abc123", "title": "A lamp", "permalink": "/r/lamps/comments/abc123/"}}
    reddit.fault("body", LISTING, body={"data": {"children": [thing] * 500}})
    assert len(found(replace(LAMPS, keywords=("lamps",)))) == LAMPS.limit


@pytest.mark.parametrize(
    ("fault", "reason", "retryable"),
    [
        ({"mode": "status", "status": 429, "retry_after": 31}, "rate_limited", True),
        ({"mode": "status", "status": 403}, "refused", False),
        ({"mode": "status", "status": 404}, "bad_request", False),
        ({"mode": "body", "status": 302, "body": ""}, "refused", False),
        ({"mode": "status", "status": 503}, "down", True),
        ({"mode": "html"}, "bad_answer", True),
        ({"mode": "empty"}, "bad_answer", True),
        ({"mode": "truncate"}, "bad_answer", True),
        ({"mode": "schema"}, "bad_answer", True),
        ({"mode": "body", "body": "[" * 60_000}, "bad_answer", True),
        ({"mode": "body", "body": {"data": {"children": {}}}}, "bad_answer", True),
        ({"mode": "cut"}, "unreachable", True),
        ({"mode": "drop"}, "unreachable", True),
        ({"mode": "huge"}, "too_large", False),
    ],
)
def test_each_way_of_failing_has_a_name(reddit: Control, fault: dict[str, Any], reason: str, retryable: bool) -> None:
    reddit.fault(route=LISTING, **fault)
    with pytest.raises(VendorFailed) as caught:
        found(LAMPS)
    assert (caught.value.service, caught.value.reason, caught.value.retryable) == ("reddit", reason, retryable)
    assert caught.value.retry_after == fault.get("retry_after")
    assert len(reddit.requests(LISTING)) == 1


@pytest.mark.parametrize("fault", [{"mode": "hang"}, {"mode": "drip", "bps": 400.0}])
def test_an_answer_that_does_not_end_is_left(reddit: Control, settings: Settings, fault: dict[str, Any]) -> None:
    settings.REDDIT_READ_SECONDS = 0.5
    reddit.fault(route=LISTING, **fault)
    began = time.monotonic()
    with pytest.raises(VendorFailed) as caught:
        found(LAMPS)
    assert caught.value.reason == "timeout"
    assert time.monotonic() - began < 3


def test_a_refusal_says_what_to_set(reddit: Control) -> None:
    reddit.fault("status", LISTING, status=403)
    with pytest.raises(VendorFailed, match="APIFY_API_TOKEN"):
        found(LAMPS)
    assert set(listing.RETRYABLE) < set(listing.MESSAGES)
