"""YouTube without a key: the real extractor in its own process, against a stand-in at the end of a tunnel."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from kapture.core.choices import Platform
from kapture.core.errors import Unavailable, VendorFailed
from kapture.core.ids import new_id
from kapture.gateways.breaker import FAILURES
from kapture.gateways.scraping import DatePrecision, DateRange, Post, Rejected, RunState, ScrapeQuery, normalise
from kapture.gateways.scraping.contract import scraper
from kapture.sandbox.control import Control
from tests.gateways.media.forked import at_work
from tests.gateways.scraping.test_apify import now
from tests.keyfree import PLAYER, SEARCH

LAMPS = ScrapeQuery(Platform.YOUTUBE, ("studio lighting", "lamps & cords"), limit=8)


def found(query: ScrapeQuery) -> list[object]:
    """Everything a search finds, step by step."""
    search = scraper("ytdlp", query)
    run = search.start(job_id=new_id(), now=now())
    items: list[object] = []
    while not search.poll(run.ref).state.is_over:
        page = search.items(run, offset=len(items))
        items += page.items
        run = replace(run, ref=page.ref)
    assert search.items(run, offset=len(items)).items == ()
    return items


def posts(items: Sequence[object]) -> list[Post]:
    outcomes = [normalise(Platform.YOUTUBE, item, now=now(), provider="ytdlp") for item in items]
    return [outcome for outcome in outcomes if isinstance(outcome, Post)]


def test_each_keyword_is_a_step_and_gives_its_share(youtube: Control) -> None:
    videos = posts(found(LAMPS))
    assert len(videos) == LAMPS.limit
    assert [request["body"]["query"] for request in youtube.requests(SEARCH)] == list(LAMPS.keywords)
    assert all(video.views and video.author_name and video.duration_s and video.published_at for video in videos)
    assert {video.published_precision for video in videos} == {DatePrecision.RELATIVE}
    assert {video.likes for video in videos} == {None}


def test_many_posts_are_read_over_several_pages(youtube: Control) -> None:
    assert len(posts(found(replace(LAMPS, keywords=("lamps",), limit=45)))) == 45
    assert len(youtube.requests(SEARCH)) == 3


@pytest.mark.parametrize(("date_range", "filter_"), [(None, "EgIQAQ=="), (DateRange.WEEK, "EgQIAxAB")])
def test_a_period_is_asked_for_in_the_words_of_the_site(
    youtube: Control, date_range: DateRange | None, filter_: str
) -> None:
    found(replace(LAMPS, keywords=("lamps",), date_range=date_range))
    assert youtube.requests(SEARCH)[0]["body"]["params"] == filter_


def test_nothing_found_is_no_failure(youtube: Control) -> None:
    assert found(replace(LAMPS, keywords=("zzz",))) == []


def test_a_search_goes_on_at_the_step_it_had_come_to(youtube: Control) -> None:
    search = scraper("ytdlp", LAMPS)
    half = search.poll("1")
    assert half.state is RunState.RUNNING
    assert search.items(half, offset=4).next_offset == 8
    assert [request["body"]["query"] for request in youtube.requests(SEARCH)] == ["lamps & cords"]
    assert search.find(job_id=new_id(), since=now()) is None
    search.abort("1")


def test_a_look_measures_known_videos_again_and_names_those_that_are_gone(youtube: Control) -> None:
    first = posts(found(replace(LAMPS, keywords=("lamps",), limit=2)))
    youtube.turn(growth=5.0)
    urls = (*(video.url for video in first), "https://www.youtube.com/watch?v=nosuchvideo")
    items = found(ScrapeQuery(Platform.YOUTUBE, (), limit=3, urls=urls))
    again = posts(items)
    assert [(video.external_id, video.url) for video in again] == [(video.external_id, video.url) for video in first]
    assert all((later.views or 0) > (before.views or 0) for before, later in zip(first, again, strict=True))
    assert {(video.author_handle, video.thumbnail_url) for video in again} == {("", "")}
    gone = normalise(Platform.YOUTUBE, items[-1], now=now(), provider="ytdlp")
    assert isinstance(gone, Rejected)
    assert gone.reason == "error_item"


@pytest.mark.parametrize(
    ("fault", "reason", "retryable"),
    [
        ({"mode": "status", "status": 429, "retry_after": 31}, "rate_limited", True),
        ({"mode": "status", "status": 403}, "refused", False),
        ({"mode": "status", "status": 404}, "bad_answer", True),
        ({"mode": "status", "status": 500}, "down", True),
        ({"mode": "html"}, "bad_answer", True),
        ({"mode": "empty"}, "bad_answer", True),
        ({"mode": "truncate"}, "bad_answer", True),
        ({"mode": "schema"}, "bad_answer", True),
        ({"mode": "cut"}, "unreachable", True),
        ({"mode": "drop"}, "unreachable", True),
        ({"mode": "body", "body": {"error": {"message": "Sign in to confirm you’re not a bot"}}}, "bad_answer", True),
    ],
)
def test_each_way_of_failing_has_a_name(youtube: Control, fault: dict[str, Any], reason: str, retryable: bool) -> None:
    youtube.fault(route=SEARCH, **fault)
    with pytest.raises(VendorFailed) as caught:
        found(LAMPS)
    assert (caught.value.service, caught.value.reason, caught.value.retryable) == ("ytdlp", reason, retryable)
    assert caught.value.retry_after == fault.get("retry_after")
    assert len(youtube.requests(SEARCH)) == 1


def test_a_wall_for_one_video_is_a_refusal_of_this_server(youtube: Control) -> None:
    wall = {"playabilityStatus": {"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm you’re not a bot"}}
    youtube.fault("body", PLAYER, body=wall, times=3)
    with pytest.raises(VendorFailed) as caught:
        found(ScrapeQuery(Platform.YOUTUBE, (), limit=1, urls=("https://www.youtube.com/watch?v=abcdefghijk",)))
    assert caught.value.reason == "refused"


def test_a_search_that_does_not_end_is_ended_and_leaves_no_process(youtube: Control, settings: Settings) -> None:
    settings.SCRAPING_SEARCH_SECONDS = 3.0
    youtube.fault("hang", SEARCH)
    with pytest.raises(VendorFailed) as caught:
        found(LAMPS)
    assert (caught.value.reason, caught.value.retryable) == ("timeout", True)
    assert at_work() == []


def test_a_cancelled_search_ends_at_once(youtube: Control) -> None:
    youtube.fault("hang", SEARCH)
    began = time.monotonic()
    search = scraper("ytdlp", LAMPS, stopped=lambda: time.monotonic() - began > 1)
    assert search.items(search.poll("0")).items == ()
    assert time.monotonic() - began < 4
    assert at_work() == []


def test_a_site_that_cannot_be_reached_is_named() -> None:
    with pytest.raises(VendorFailed) as caught:
        found(LAMPS)
    assert caught.value.reason == "unreachable"


def test_a_strangers_certificate_is_not_believed(youtube: Control, settings: Settings) -> None:
    settings.SANDBOX = frozenset()
    with pytest.raises(VendorFailed) as caught:
        found(LAMPS)
    assert caught.value.reason == "unreachable"
    assert youtube.requests(SEARCH) == []


def test_failures_in_a_row_rest_this_way_and_no_other(youtube: Control, settings: Settings) -> None:
    youtube.fault("status", SEARCH, times=9, status=500)
    for _ in range(FAILURES):
        with pytest.raises(VendorFailed):
            found(LAMPS)
    with pytest.raises(Unavailable):
        found(LAMPS)
    assert len(youtube.requests(SEARCH)) == FAILURES
