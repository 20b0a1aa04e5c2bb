"""Every way in which a provider can fail ends a scrape in a named state, with one run and a settled unit."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from kapture.core.choices import Platform
from kapture.core.oracle import verify
from kapture.jobs.models import State
from kapture.sandbox.control import Control
from tests.keyfree import LISTING, SEARCH
from tests.trends.test_scrape import ITEMS, LAMPS, POLL, START, again, charge, done
from trends.endings import REMEDIES
from trends.models import Scrape, Trend
from trends.services import request_scrape
from trends.specs import ScrapeSpec

pytestmark = pytest.mark.django_db(transaction=True)
NOTHING = ScrapeSpec(Platform.REDDIT, ("zzz",))
FOREVER = {"times": 99}


@pytest.fixture(autouse=True)
def _promises() -> Iterator[None]:
    yield
    assert {rule.name: found for rule, found in verify() if found} == {}


@pytest.fixture(autouse=True)
def _impatient(settings: Settings) -> None:
    """No breaker of ours rests in the middle of a table, and nobody waits long for what never comes."""
    settings.APIFY_TIMEOUT_SECONDS = 0.5
    settings.REDDIT_READ_SECONDS = 0.5


def ended(scrape: Scrape) -> Scrape:
    """The scrape after all attempts it is given."""
    scrape = done(scrape)
    for _ in range(2):
        if scrape.job.state == State.QUEUED:
            scrape = again(scrape)
    return scrape


def runs(apify: Control) -> list[str]:
    return [run["status"] for run in apify.get("/_sandbox/runs")]


@pytest.mark.parametrize(
    ("route", "fault", "code", "made"),
    [
        (START, {"mode": "status", "status": 400}, "bad_request", 0),
        (START, {"mode": "status", "status": 401}, "bad_token", 0),
        (START, {"mode": "status", "status": 402}, "no_credit", 0),
        (START, {"mode": "status", "status": 403}, "forbidden", 0),
        (START, {"mode": "status", "status": 404}, "not_found", 0),
        (ITEMS, {"mode": "status", "status": 429, "retry_after": 1}, "rate_limited", 1),
        (ITEMS, {"mode": "status", "status": 500}, "down", 1),
        (ITEMS, {"mode": "hang"}, "timeout", 1),
        (ITEMS, {"mode": "cut"}, "unreachable", 1),
        (ITEMS, {"mode": "truncate"}, "bad_answer", 1),
        (ITEMS, {"mode": "body", "body": {"items": 5}}, "bad_answer", 1),
        (ITEMS, {"mode": "html"}, "bad_answer", 1),
        (ITEMS, {"mode": "body", "status": 302, "body": ""}, "refused", 1),
        (ITEMS, {"mode": "huge"}, "too_large", 1),
        (POLL, {"mode": "schema"}, "bad_answer", 1),
        (POLL, {"mode": "truncate"}, "bad_answer", 1),
    ],
)
def test_apify_that_keeps_failing(
    alice: User, apify: Control, route: str, fault: dict[str, Any], code: str, made: int
) -> None:
    apify.fault(route=route, **FOREVER, **fault)
    scrape = ended(request_scrape(alice, LAMPS))
    assert (scrape.job.state, scrape.job.error_code, charge(scrape)) == (State.FAILED, code, ("released", 0))
    assert scrape.job.remedy == REMEDIES[code]
    assert scrape.note == scrape.job.error_message
    assert len(runs(apify)) == made


@pytest.mark.parametrize("fault", [{"mode": "hang"}, {"mode": "drop", "perform": True}, {"mode": "schema"},
                                   {"mode": "truncate"}, {"mode": "cut"}])  # fmt: skip
def test_a_start_without_an_answer_is_looked_for_and_made_once(
    alice: User, apify: Control, fault: dict[str, Any]
) -> None:
    apify.fault(route=START, **{"perform": True, **fault})
    scrape = ended(request_scrape(alice, LAMPS))
    assert (scrape.job.state, charge(scrape)) == (State.COMPLETED, ("settled", 1))
    assert len(runs(apify)) == 1


def test_a_failing_answer_once_is_forgotten(alice: User, apify: Control) -> None:
    for fault in ({"mode": "status", "status": 429, "retry_after": 1}, {"mode": "truncate"}, {"mode": "cut"}):
        apify.fault(route=ITEMS, **fault)
    scrape = ended(request_scrape(alice, LAMPS))
    assert (scrape.job.state, charge(scrape), len(runs(apify))) == (State.COMPLETED, ("settled", 1), 1)


def test_a_run_that_succeeds_with_nothing_is_complete_and_says_so(alice: User, apify: Control) -> None:
    scrape = ended(request_scrape(alice, NOTHING))
    assert (scrape.job.state, charge(scrape), runs(apify)) == (State.COMPLETED, ("settled", 1), ["SUCCEEDED"])
    assert (scrape.read, scrape.note) == (0, "Nothing was found for these keywords.")


@pytest.mark.parametrize(
    ("status", "words"),
    [("TIMED-OUT", "The platform's scraper ran out of time"), ("FAILED", "The platform's scraper broke off")],
)
@pytest.mark.parametrize("finds", [True, False])
def test_a_run_that_ends_early_keeps_what_it_found(
    alice: User, apify: Control, settings: Settings, status: str, words: str, finds: bool
) -> None:
    settings.APIFY_RUN_SECONDS = 1
    apify.turn(run_seconds=2.0 if status == "TIMED-OUT" else 0.5, fail_runs=status == "FAILED")
    scrape = ended(request_scrape(alice, LAMPS if finds else NOTHING))
    check_early(scrape, words, finds=finds)
    assert runs(apify) == [status]


@pytest.mark.parametrize("finds", [True, False])
def test_a_run_that_somebody_stops_keeps_what_it_found(alice: User, apify: Control, finds: bool) -> None:
    apify.turn(run_seconds=8.0 if finds else 600.0)
    apify.fault("status", ITEMS, times=3, status=503)
    scrape = done(request_scrape(alice, LAMPS))
    assert scrape.job.state == State.QUEUED
    for run in apify.get("/_sandbox/runs"):
        apify.post(f"/v2/actor-runs/{run['id']}/abort?token=t")
    check_early(ended(scrape), "The platform's scraper was stopped", finds=finds)
    assert runs(apify) == ["ABORTED"]


def check_early(scrape: Scrape, words: str, *, finds: bool) -> None:
    if finds:
        assert (scrape.job.state, charge(scrape)) == (State.COMPLETED, ("settled", 1))
        assert scrape.note == f"{words}; what it had found is kept."
        assert Trend.objects.filter(scrape=scrape).count() == scrape.stored > 0
    else:
        assert (scrape.job.state, scrape.job.error_code) == (State.FAILED, "actor_failed")
        assert (scrape.note, charge(scrape)) == (f"{words} before it found anything.", ("released", 0))


def test_a_run_that_nobody_will_read_is_stopped(alice: User, apify: Control) -> None:
    apify.turn(run_seconds=600.0)
    apify.fault("status", ITEMS, times=99, status=500)
    scrape = ended(request_scrape(alice, LAMPS))
    assert (scrape.job.state, runs(apify)) == (State.FAILED, ["ABORTED"])


KEY_FREE = [
    ({"mode": "status", "status": 403}, "refused"),
    ({"mode": "status", "status": 429, "retry_after": 1}, "rate_limited"),
    ({"mode": "status", "status": 500}, "down"),
    ({"mode": "hang"}, "timeout"),
    ({"mode": "cut"}, "unreachable"),
    ({"mode": "truncate"}, "bad_answer"),
    ({"mode": "schema"}, "bad_answer"),
]


@pytest.mark.parametrize(("fault", "code"), KEY_FREE)
@pytest.mark.parametrize(("name", "platform", "route"), [("youtube", Platform.YOUTUBE, SEARCH),
                                                         ("reddit", Platform.REDDIT, LISTING)])  # fmt: skip
def test_a_way_without_a_key_that_keeps_failing(
    alice: User,
    request: pytest.FixtureRequest,
    settings: Settings,
    name: str,
    platform: Platform,
    route: str,
    fault: dict[str, Any],
    code: str,
) -> None:
    settings.SCRAPING_SEARCH_SECONDS = 6.0 if fault["mode"] == "hang" else 60.0
    control: Control = request.getfixturevalue(name)
    control.fault(route=route, **FOREVER, **fault)
    scrape = ended(request_scrape(alice, ScrapeSpec(platform, ("lamps",))))
    assert (scrape.job.state, scrape.job.error_code, charge(scrape)) == (State.FAILED, code, ("released", 0))
    assert scrape.job.remedy == REMEDIES[code]
    assert len(control.requests(route)) == (1 if code == "refused" else 3)
