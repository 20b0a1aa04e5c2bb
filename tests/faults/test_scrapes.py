"""A scrape survives the death of its worker at every step: one paid run, one unit, every item accounted for."""

from collections.abc import Iterator

import psutil
import pytest
from pytest_django import Settings

from accounts.models import User
from billing.models import Reservation
from kapture.core.choices import Platform
from kapture.jobs.models import State
from kapture.sandbox.actors import find_generated
from kapture.sandbox.apify import ApifyStandIn
from kapture.sandbox.control import Control
from kapture.sandbox.server import Server
from kapture.sandbox.shapes import Site
from tests.faults.system import System, assert_invariants, wipe_redis
from tests.gateways.media.forked import at_work
from tests.keyfree import LISTING, SEARCH
from trends.models import Scrape, Trend
from trends.services import request_scrape
from trends.specs import ScrapeSpec

pytestmark = pytest.mark.django_db(transaction=True)
LAMPS = ScrapeSpec(Platform.TIKTOK, ("studio lighting", "b-roll"), limit=12)
# Before the paid start, between start and reference, after it, around each batch, and around the end.
POINTS = (
    "jobs.claimed",
    "trends.before_start",
    "trends.started",
    "trends.run_saved",
    "trends.before_upsert",
    "trends.inside_upsert",
    "jobs.before_finish",
    "jobs.inside_finish",
    "jobs.after_finish",
)


@pytest.fixture
def apify(settings: Settings, system: System) -> Iterator[Control]:
    """The Apify stand-in, for this process and for the workers; its runs take a second."""
    with Server(ApifyStandIn(find_generated(Site()), run_seconds=1.0)) as server:
        settings.APIFY_API_URL, settings.APIFY_API_TOKEN = server.url, "apify_api_test"
        system.env |= {"APIFY_API_URL": server.url, "APIFY_API_TOKEN": "apify_api_test"}
        yield Control(server.url)


def check(apify: Control, scrape: Scrape) -> None:
    scrape = Scrape.objects.select_related("job").get(pk=scrape.pk)
    assert scrape.job.state == State.COMPLETED
    assert len(apify.get("/_sandbox/runs")) == 1
    assert Reservation.objects.values_list("state", "settled").get(source_id=scrape.job.pk) == ("settled", 1)
    assert scrape.read == scrape.stored + scrape.merged + sum(scrape.rejected.values())
    assert Trend.objects.count() == scrape.stored > 0
    assert set(Trend.objects.values_list("looks", flat=True)) <= {1, 2}
    assert_invariants()


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_step_is_replaced(system: System, alice: User, apify: Control, point: str) -> None:
    system.env["CRASH"] = f"{point}:1"
    system.dispatcher()
    system.worker()
    scrape = request_scrape(alice, LAMPS)
    system.drain([scrape.job])
    assert (system.folder / "crashed").exists(), "the crash point was never passed"
    check(apify, scrape)


@pytest.fixture
def key_free(system: System, youtube: Control, reddit: Control) -> dict[Platform, tuple[Control, str]]:
    """The stand-ins of the ways without a key, for this process and for the workers."""
    system.env |= {"YOUTUBE_PROXY": youtube.url, "KAPTURE_SANDBOX": "ytdlp", "REDDIT_API_URL": reddit.url}
    return {Platform.YOUTUBE: (youtube, SEARCH), Platform.REDDIT: (reddit, LISTING)}


@pytest.mark.parametrize("platform", [Platform.YOUTUBE, Platform.REDDIT])
@pytest.mark.parametrize("point", ["trends.before_upsert", "trends.inside_upsert", "jobs.before_finish"])
def test_a_search_without_a_key_goes_on_where_its_worker_died(
    system: System, alice: User, key_free: dict[Platform, tuple[Control, str]], platform: Platform, point: str
) -> None:
    control, route = key_free[platform]
    system.env["CRASH"] = f"{point}:1"
    system.dispatcher()
    system.worker()
    scrape = request_scrape(alice, ScrapeSpec(platform, ("lamps", "candles"), limit=8))
    system.drain([scrape.job])
    assert (system.folder / "crashed").exists(), "the crash point was never passed"
    scrape = Scrape.objects.select_related("job").get(pk=scrape.pk)
    assert (scrape.job.state, scrape.read, scrape.run_ref) == (State.COMPLETED, 8, "2")
    # What was stored is not asked for again; a page that was not stored is.
    assert len(control.requests(route)) == (2 if point == "jobs.before_finish" else 3)
    assert set(Trend.objects.values_list("looks", flat=True)) <= {1, 2}
    assert_invariants()


def test_the_process_of_a_search_dies_with_its_worker(
    system: System, alice: User, key_free: dict[Platform, tuple[Control, str]]
) -> None:
    control, route = key_free[Platform.YOUTUBE]
    control.fault("hang", route, seconds=120)
    system.dispatcher()
    worker = system.worker()
    scrape = request_scrape(alice, ScrapeSpec(Platform.YOUTUBE, ("lamps",)))
    system.until(lambda: control.requests(route))
    searching = at_work(psutil.Process(worker.pid))
    assert len(searching) == 1
    system.kill(worker)
    system.until(lambda: not searching[0].is_running() or searching[0].status() == psutil.STATUS_ZOMBIE, 10)
    system.worker()
    system.drain([scrape.job])
    assert Scrape.objects.get(pk=scrape.pk).stored > 0
    assert_invariants()


def test_a_wiped_redis_loses_no_scrape(system: System, alice: User, apify: Control) -> None:
    scrapes = [request_scrape(alice, LAMPS) for _ in range(4)]
    system.dispatcher()
    system.worker()
    wipe_redis()
    system.drain([scrape.job for scrape in scrapes])
    assert {scrape.job.state for scrape in Scrape.objects.select_related("job")} == {State.COMPLETED}
    assert len(apify.get("/_sandbox/runs")) == 4
    assert_invariants()
