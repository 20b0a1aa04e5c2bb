"""Scrapes and looks through each provider: who was asked is kept, steps go on where they were, listeners are told."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing.models import Reservation, UsagePeriod
from kapture.core.choices import Platform
from kapture.core.errors import Conflict, Unavailable
from kapture.core.oracle import verify
from kapture.gateways.scraping import require_on
from kapture.jobs.models import Job, State
from kapture.jobs.services import cancel, enqueue, retry
from kapture.sandbox.control import Control
from kapture.settings.providers import providers
from tests.keyfree import LISTING, SEARCH
from tests.trends.test_scrape import again, charge, done, work
from trends import listeners
from trends.models import Purpose, Scrape, Snapshot, Trend
from trends.services import request_scrape
from trends.specs import KIND, ScrapeSpec

pytestmark = pytest.mark.django_db(transaction=True)
VIDEOS = ScrapeSpec(Platform.YOUTUBE, ("studio lighting", "lamps"), limit=8)
POSTS = ScrapeSpec(Platform.REDDIT, ("studio lighting", "lamps"), limit=8)


@pytest.fixture(autouse=True)
def _promises() -> Iterator[None]:
    yield
    assert {rule.name: found for rule, found in verify() if found} == {}


@pytest.fixture(params=["apify", "ytdlp", "reddit"])
def provider(request: pytest.FixtureRequest, settings: Settings) -> str:
    """Each provider in turn, with its stand-in."""
    name: str = request.param
    request.getfixturevalue({"apify": "apify", "ytdlp": "youtube", "reddit": "reddit"}[name])
    return name


@pytest.fixture
def control(request: pytest.FixtureRequest, provider: str) -> Control:
    """The stand-in of the provider in turn."""
    found: Control = request.getfixturevalue({"apify": "apify", "ytdlp": "youtube", "reddit": "reddit"}[provider])
    return found


def spec_for(provider: str) -> ScrapeSpec:
    return POSTS if provider == "reddit" else VIDEOS


def request_look(user: User, trends: list[Trend]) -> Scrape:
    """A look at known posts, as the watches ask for one."""
    platform = Platform(trends[0].platform)
    scrape = Scrape(owner=user, purpose=Purpose.LOOK, platform=platform, limit=len(trends))
    scrape.urls, scrape.vendor = [trend.url for trend in trends], require_on(platform).name
    scrape.job = enqueue(user, KIND, {"scrapeId": str(scrape.pk)}, title="Look", subject_id=scrape.pk)
    scrape.save()
    return scrape


def test_who_was_asked_is_kept_and_one_unit_is_charged(alice: User, provider: str) -> None:
    scrape = done(request_scrape(alice, spec_for(provider)))
    assert (scrape.vendor, scrape.job.state, charge(scrape)) == (provider, State.COMPLETED, ("settled", 1))
    assert scrape.stored == Trend.objects.filter(scrape=scrape).count() > 0
    assert scrape.cost_usd == 0 or provider == "apify"


def test_a_look_measures_the_same_posts_again_and_costs_nothing(alice: User, provider: str, control: Control) -> None:
    done(request_scrape(alice, spec_for(provider)))
    trends = list(Trend.objects.for_user(alice).order_by("pk")[:3])
    control.turn(growth=6.0)
    used = UsagePeriod.objects.get(user=alice).used
    look = done(request_look(alice, trends))
    assert (look.job.state, look.read, look.stored, look.merged, look.note) == (State.COMPLETED, 3, 0, 3, "")
    assert UsagePeriod.objects.get(user=alice).used == used
    assert not Reservation.objects.filter(source_id=look.job.pk).exists()
    for before in trends:
        after = Trend.objects.get(pk=before.pk)
        assert (after.looks, after.reach > before.reach) == (before.looks + 1, True)
        assert (after.title, after.url, after.thumbnail_url, after.author_key) == (
            before.title, before.url, before.thumbnail_url, before.author_key,
        )  # fmt: skip
        assert Snapshot.objects.filter(trend_id=before.pk).count() == 2


def test_a_look_at_posts_that_are_gone_says_so(alice: User, provider: str) -> None:
    done(request_scrape(alice, spec_for(provider)))
    trend = Trend.objects.for_user(alice).order_by("pk")[0]
    urls = {"reddit": "https://www.reddit.com/r/lamps/comments/abc123/"}
    trend.url = urls.get(provider, "https://www.youtube.com/watch?v=nosuchvideo")
    look = done(request_look(alice, [trend]))
    assert (look.job.state, look.stored, look.merged) == (State.COMPLETED, 0, 0)
    assert look.note == "None of these posts can be seen any more."
    with pytest.raises(Conflict):
        retry_of(look, alice)


def retry_of(look: Scrape, user: User) -> Job:
    Job.objects.filter(pk=look.job.pk).update(state=State.FAILED)
    try:
        return retry(Job.objects.get(pk=look.job.pk), user)
    finally:
        Job.objects.filter(pk=look.job.pk).update(state=State.COMPLETED)


@pytest.mark.parametrize(("name", "spec", "route"), [("youtube", VIDEOS, SEARCH), ("reddit", POSTS, LISTING)])
def test_a_search_that_broke_off_goes_on_at_its_keyword_and_keeps_what_it_found(
    alice: User, request: pytest.FixtureRequest, name: str, spec: ScrapeSpec, route: str
) -> None:
    control: Control = request.getfixturevalue(name)
    control.fault("status", route, after=1, status=503)
    scrape = done(request_scrape(alice, spec))
    assert (scrape.job.state, scrape.run_ref, scrape.read) == (State.QUEUED, "1", 4)
    scrape = again(scrape)
    assert (scrape.job.state, scrape.run_ref, scrape.read, charge(scrape)) == (State.COMPLETED, "2", 8, ("settled", 1))
    assert len(control.requests(route)) == 3


def test_a_refusal_after_the_first_keyword_keeps_its_posts_and_charges_nothing(alice: User, reddit: Control) -> None:
    reddit.fault("status", LISTING, after=1, status=403)
    scrape = done(request_scrape(alice, POSTS))
    assert (scrape.job.state, scrape.job.error_code, charge(scrape)) == (State.FAILED, "refused", ("released", 0))
    assert scrape.note.endswith("The 4 posts found until then are kept.")
    assert Trend.objects.for_user(alice).count() == scrape.stored


def test_a_cancelled_search_ends_its_process_and_costs_nothing(alice: User, youtube: Control) -> None:
    youtube.fault("hang", SEARCH)
    scrape = request_scrape(alice, VIDEOS)
    worker = Thread(target=work, args=[scrape])
    worker.start()
    while not youtube.requests(SEARCH):
        worker.join(0.05)
    cancel(Job.objects.get(pk=scrape.job.pk), alice)
    worker.join(10)
    assert not worker.is_alive()
    scrape = Scrape.objects.select_related("job").get(pk=scrape.pk)
    assert (scrape.job.state, charge(scrape), scrape.read) == (State.CANCELLED, ("released", 0), 0)


def test_whoever_was_asked_first_is_asked_to_the_end(alice: User, reddit: Control, settings: Settings) -> None:
    reddit.fault("status", LISTING, status=503)
    scrape = done(request_scrape(alice, POSTS))
    settings.APIFY_API_TOKEN, settings.APIFY_API_URL = "apify_api_test", "http://127.0.0.1:9"
    assert again(scrape).job.state == State.COMPLETED


def test_a_provider_switched_off_in_between_ends_its_scrapes_with_a_name(
    alice: User, apify: Control, settings: Settings
) -> None:
    scrape = request_scrape(alice, VIDEOS)
    settings.APIFY_API_TOKEN = ""
    scrape = done(scrape)
    assert (scrape.job.state, scrape.job.error_code) == (State.FAILED, "vendor_unavailable")
    assert "APIFY_API_TOKEN" in scrape.job.error_message


def test_a_platform_that_is_off_is_refused_before_anything_is_held(alice: User, settings: Settings) -> None:
    settings.SCRAPING_PROVIDERS = providers("youtube=off", has_token=False)
    for platform in (Platform.YOUTUBE, Platform.X):
        with pytest.raises(Unavailable, match="switched off"):
            request_scrape(alice, ScrapeSpec(platform, ("lamps",)))
    assert (Job.objects.count(), UsagePeriod.objects.count()) == (0, 0)


def test_listeners_hear_of_each_batch_and_of_every_end(alice: User, apify: Control) -> None:
    heard: list[tuple[str, Any]] = []

    def looked(scrape: Scrape, met: Any) -> None:
        heard.append(("looked", set(met)))

    def ended(scrape: Scrape) -> None:
        heard.append(("ended", (scrape.pk, scrape.finished_at is not None, scrape.job.state)))

    listeners.looked.append(looked)
    listeners.ended.append(ended)
    try:
        first = done(request_scrape(alice, VIDEOS))
        apify.fault("status", "POST /v2/actors/*/runs", status=402)
        second = done(request_scrape(alice, VIDEOS))
        third = request_scrape(alice, VIDEOS)
        cancel(Job.objects.get(pk=third.job.pk), alice)
    finally:
        listeners.looked.remove(looked)
        listeners.ended.remove(ended)
    met: set[UUID] = set().union(*(what for word, what in heard if word == "looked"))
    assert met == set(Trend.objects.filter(scrape=first).values_list("pk", flat=True))
    ends = [what for word, what in heard if word == "ended"]
    assert [(pk, closed) for pk, closed, _ in ends] == [(first.pk, True), (second.pk, True), (third.pk, True)]
    assert [state for _, _, state in ends] == [State.COMPLETED, State.FAILED, State.CANCELLED]


def test_a_listener_that_breaks_leaves_nothing_half_done(alice: User, apify: Control) -> None:
    def broken(scrape: Scrape, met: Any) -> None:
        raise RuntimeError("a listener broke")

    listeners.looked.append(broken)
    try:
        scrape = done(request_scrape(alice, VIDEOS))
    finally:
        listeners.looked.remove(broken)
    assert (scrape.job.state, scrape.read, Trend.objects.count()) == (State.QUEUED, 0, 0)
    assert again(scrape).job.state == State.COMPLETED


def test_the_page_of_a_trend_and_the_form_say_who_finds(client: Client, alice: User, reddit: Control) -> None:
    done(request_scrape(alice, POSTS))
    client.force_login(alice)
    page = client.get(f"/trends/{Trend.objects.for_user(alice)[0].pk}/").content.decode()
    assert "Reddit’s public listing, in <a" in page
    form = client.get("/trends/scrape/").content.decode()
    assert "YouTube through YouTube’s search. Reddit through Reddit’s public listing." in form
    assert "TikTok is switched off: set APIFY_API_TOKEN" in form
    assert form.count("disabled") >= 2


def test_the_list_says_who_failed_what_is_kept_and_when_it_is_tried_again(
    client: Client, alice: User, reddit: Control
) -> None:
    reddit.fault("status", LISTING, after=1, status=429, retry_after=200)
    done(request_scrape(alice, POSTS))
    client.force_login(alice)
    for path in ("/trends/", "/trends/status/"):
        told = " ".join(client.get(path).content.decode().split())
        assert "<strong>Reddit:</strong> Reddit’s public listing asks to slow down; tries again" in told
        assert "in 3 min</time>. 4 posts found until now are kept." in told


def test_a_provider_that_rests_is_named_on_the_list_and_in_the_form(
    client: Client, alice: User, reddit: Control
) -> None:
    reddit.fault("status", LISTING, times=9, status=500)
    for _ in range(2):
        again(again(done(request_scrape(alice, POSTS))))
    client.force_login(alice)
    told = " ".join(client.get("/trends/").content.decode().split())
    assert "<strong>Reddit’s public listing</strong> failed 5 times in a row and is left alone for" in told
    assert "Searches of Reddit wait until then." in told
    assert "failed 5 times in a row; it is asked again in" in client.get("/trends/scrape/").content.decode()
    health = client.get("/api/health").json()["data"]["checks"]
    assert health["reddit"]["status"] == "down"
    assert (health["ytdlp"]["status"], health["apify"]["status"]) == ("ok", "off")


def test_the_strip_asks_the_same_number_of_questions_however_much_waits(
    client: Client, alice: User, reddit: Control
) -> None:
    client.force_login(alice)
    request_scrape(alice, POSTS)
    UsagePeriod.objects.filter(user=alice).update(limit=1_000)
    client.get("/trends/status/")

    def asked(count: int) -> int:
        for _ in range(count):
            request_scrape(alice, POSTS)
        Job.objects.filter(kind=KIND).update(attempt=1, run_after=timezone.now() + timedelta(minutes=5))
        with CaptureQueriesContext(connection) as queries:
            told = client.get("/trends/status/").content.decode()
        assert "tries again" in told
        return len(queries)

    assert asked(10) == asked(90)
