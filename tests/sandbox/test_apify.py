"""The Apify stand-in, spoken to by the real apify-client over a socket."""

import threading
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import impit
import pytest
from apify_client import ApifyClient
from apify_client.errors import (
    ApifyApiError,
    InvalidRequestError,
    InvalidResponseBodyError,
    NotFoundError,
    RateLimitError,
    ServerError,
    UnauthorizedError,
)
from pydantic import ValidationError

from kapture.sandbox.apify import ApifyStandIn
from kapture.sandbox.control import Control
from kapture.sandbox.recorded import find_recorded, read_items, recorded_files
from kapture.sandbox.server import Server

INPUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "youtube": ("streamers/youtube-scraper", {"searchQueries": ["studio light", "hooks"], "maxResults": 15}),
    "tiktok": ("clockworks/tiktok-scraper", {"searchQueries": ["studio light", "hooks"], "resultsPerPage": 15}),
    "reddit": (
        "trudax/reddit-scraper-lite",
        {"searches": ["studio light", "hooks"], "maxItems": 30, "maxPostCount": 15},
    ),
    "x": ("apidojo/tweet-scraper", {"searchTerms": ["studio light lang:en", "hooks"], "maxItems": 30}),
}


def client_of(url: str, *, retries: int = 0, token: str = "t") -> ApifyClient:
    second = timedelta(seconds=1)
    return ApifyClient(
        token,
        api_url=url,
        api_public_url=url,
        max_retries=retries,
        min_delay_between_retries=timedelta(milliseconds=10),
        timeout_short=second,
        timeout_medium=10 * second,
        timeout_long=5 * second,
    )


@pytest.fixture
def client(apify: Control) -> ApifyClient:
    return client_of(apify.url)


def ran(client: ApifyClient, platform: str, **options: Any) -> list[dict[str, Any]]:
    actor, run_input = INPUTS[platform]
    run = client.actor(actor).start(run_input=run_input, **options)
    done = client.run(run.id).wait_for_finish(wait_duration=timedelta(seconds=5))
    assert done
    assert done.status == "SUCCEEDED"
    return list(client.dataset(done.default_dataset_id).iterate_items(clean=True))


@pytest.mark.parametrize("platform", INPUTS)
def test_a_run_is_started_waited_for_and_read(client: ApifyClient, apify: Control, platform: str) -> None:
    items = ran(
        client,
        platform,
        max_items=25,
        max_total_charge_usd=Decimal("0.50"),
        run_timeout=timedelta(minutes=5),
    )
    assert len(items) == 25
    (start,) = apify.requests("POST /v2/actors/*")
    assert start["query"] == {"maxItems": "25", "maxTotalChargeUsd": "0.50", "timeout": "300"}
    assert start["body"] == INPUTS[platform][1]


def test_large_inputs_come_zipped_and_are_understood(client: ApifyClient, apify: Control) -> None:
    words = [f"keyword number {number}" for number in range(60)]
    client.actor("apidojo/tweet-scraper").start(run_input={"searchTerms": words, "maxItems": 10})
    (start,) = apify.requests("POST *")
    assert start["headers"]["content-encoding"] == "gzip"
    assert start["body"]["searchTerms"] == words


def test_items_appear_while_the_run_works(client: ApifyClient, apify: Control) -> None:
    apify.turn(run_seconds=1)
    actor, run_input = INPUTS["youtube"]
    run = client.actor(actor).start(run_input=run_input)
    counts = []
    for _ in range(12):
        counts.append(client.dataset(run.default_dataset_id).list_items(limit=1).total)
        time.sleep(0.1)
    assert counts == sorted(counts)
    assert len(set(counts)) > 4
    assert counts[0] < counts[-1]


def test_waiting_is_one_long_request(client: ApifyClient, apify: Control) -> None:
    apify.turn(run_seconds=0.8)
    actor, run_input = INPUTS["x"]
    run = client.actor(actor).start(run_input=run_input)
    assert run.status in ("READY", "RUNNING")
    done = client.run(run.id).wait_for_finish(wait_duration=timedelta(seconds=10))
    assert done
    assert done.status == "SUCCEEDED"
    assert len(apify.requests("GET /v2/actor-runs/*")) == 1
    assert done.usage_total_usd == pytest.approx(30 * 0.002)


def test_abort_ends_a_run_and_those_who_wait_for_it(client: ApifyClient, apify: Control) -> None:
    apify.turn(run_seconds=30)
    actor, run_input = INPUTS["tiktok"]
    run = client.actor(actor).start(run_input=run_input)
    threading.Timer(0.3, lambda: client_of(apify.url).run(run.id).abort()).start()
    start = time.monotonic()
    done = client.run(run.id).wait_for_finish(wait_duration=timedelta(seconds=4))
    assert done
    assert done.status == "ABORTED"
    assert time.monotonic() - start < 2
    assert client.dataset(run.default_dataset_id).list_items().total < 30


def test_a_run_that_takes_longer_than_its_timeout_is_stopped(client: ApifyClient, apify: Control) -> None:
    apify.turn(run_seconds=2)
    actor, run_input = INPUTS["x"]
    run = client.actor(actor).start(run_input=run_input, run_timeout=timedelta(seconds=1))
    done = client.run(run.id).wait_for_finish(wait_duration=timedelta(seconds=5))
    assert done
    assert done.status == "TIMED-OUT"


def test_runs_can_be_made_to_fail(client: ApifyClient, apify: Control) -> None:
    apify.turn(fail_runs=True)
    run = client.actor("apidojo/tweet-scraper").start(run_input={"searchTerms": ["a"], "maxItems": 3})
    done = client.run(run.id).wait_for_finish(wait_duration=timedelta(seconds=5))
    assert done
    assert done.status == "FAILED"


def test_what_was_started_can_be_found_again(client: ApifyClient, apify: Control) -> None:
    marked = {"searchTerms": ["a"], "maxItems": 3, "kaptureJob": "0199"}
    run = client.actor("apidojo/tweet-scraper").start(run_input=marked)
    listed = client.actor("apidojo/tweet-scraper").runs().list().items
    assert [item.id for item in listed] == [run.id]
    record = client.key_value_store(run.default_key_value_store_id).get_record("INPUT")
    assert record
    assert record["value"] == marked
    (told,) = apify.get("/_sandbox/runs")
    assert (told["id"], told["input"], told["actor"]) == (run.id, marked, "apidojo/tweet-scraper")


def test_the_price_limit_limits_the_items(client: ApifyClient) -> None:
    assert len(ran(client, "youtube", max_total_charge_usd=Decimal("0.02"))) == 10


def test_pages_are_told_in_headers(client: ApifyClient) -> None:
    actor, run_input = INPUTS["x"]
    run = client.actor(actor).start(run_input=run_input)
    client.run(run.id).wait_for_finish()
    page = client.dataset(run.default_dataset_id).list_items(offset=25, limit=10)
    assert (page.total, page.offset, page.count, len(page.items)) == (30, 25, 5, 5)
    every = list(client.dataset(run.default_dataset_id).iterate_items(chunk_size=7))
    assert every == client.dataset(run.default_dataset_id).list_items().items
    assert len(every) == 30


def test_unknown_actors_runs_and_datasets(client: ApifyClient) -> None:
    with pytest.raises(NotFoundError):
        client.actor("somebody/pinterest-scraper").start(run_input={})
    assert client.run("nothing").get() is None
    with pytest.raises(NotFoundError):
        client.dataset("nothing").list_items()


def test_input_of_a_wrong_type_is_refused(client: ApifyClient) -> None:
    with pytest.raises(InvalidRequestError, match="searchQueries"):
        client.actor("streamers/youtube-scraper").start(run_input={"searchQueries": "one"})


def test_only_the_right_token_is_let_in(apify: Control) -> None:
    with pytest.raises(UnauthorizedError):
        client_of(apify.url, token="").run("x").get()
    apify.turn(token="right")
    with pytest.raises(UnauthorizedError):
        client_of(apify.url, token="wrong").run("x").get()
    assert client_of(apify.url, token="right").run("x").get() is None


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ({"mode": "status", "status": 429, "retry_after": 1}, RateLimitError),
        ({"mode": "status", "status": 500}, ServerError),
        ({"mode": "status", "status": 402}, ApifyApiError),
        ({"mode": "hang", "seconds": 5}, impit.HTTPError),
        ({"mode": "drop"}, impit.HTTPError),
        ({"mode": "cut"}, impit.HTTPError),
        ({"mode": "drip", "bps": 20}, impit.HTTPError),
        ({"mode": "truncate"}, InvalidResponseBodyError),
        ({"mode": "empty"}, InvalidResponseBodyError),
        ({"mode": "html"}, InvalidResponseBodyError),
        ({"mode": "schema"}, ValidationError),
        ({"mode": "body", "body": {"data": {}}}, ValidationError),
        ({"mode": "huge", "size": 100_000}, ValidationError),
    ],
    ids=lambda value: value["mode"] if isinstance(value, dict) else value.__name__,
)
def test_every_fault_reaches_the_client(
    client: ApifyClient, apify: Control, fault: dict[str, Any], raised: type[Exception]
) -> None:
    apify.fault(route="GET /v2/actor-runs/*", **fault)
    run = client.actor("apidojo/tweet-scraper").start(run_input={"searchTerms": ["a"], "maxItems": 3})
    with pytest.raises(raised):
        client.run(run.id).get(timeout=timedelta(seconds=1))
    assert client.run(run.id).get()


def test_a_lost_answer_to_a_start_leaves_a_run_behind(client: ApifyClient, apify: Control) -> None:
    apify.fault("cut", "POST /v2/actors/*", size=10)
    with pytest.raises(impit.HTTPError):
        client.actor("apidojo/tweet-scraper").start(run_input={"searchTerms": ["a"], "maxItems": 3})
    assert len(apify.get("/_sandbox/runs")) == 1


def test_recorded_files_are_served_as_items(recorded: Path) -> None:
    folder = recorded / "apify"
    with Server(ApifyStandIn(find_recorded(folder), run_seconds=0.0)) as server:
        client = client_of(server.url)
        for platform, name in (("youtube", "youtube"), ("tiktok", "tiktok"), ("reddit", "reddit"), ("x", "twitter")):
            actor, run_input = INPUTS[platform]
            run = client.actor(actor).start(run_input=run_input)
            rows = sum(len(read_items(path)) for path in recorded_files(folder / name))
            assert client.dataset(run.default_dataset_id).list_items(limit=1).total == rows > 200


def test_a_recorded_table_becomes_nested_items(recorded: Path) -> None:
    (item, *_) = read_items(recorded / "apify/tiktok/tiktok-hashtag-scraper_flat_2025-05-23.csv")
    assert item["authorMeta"]["name"]
    assert all("name" in tag for tag in item["hashtags"])
    posts = read_items(recorded / "apify/reddit/reddit-scraper-pro_flat_2025-12-07.csv")
    assert all(isinstance(post["images"], list) for post in posts if "images" in post)
