"""The queue as people see it: why each download waits, and pausing, going on and starting now from page and API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from billing.models import Plan, UsagePeriod
from billing.queries import concurrent_downloads
from billing.services import choose_plan
from downloads import services
from downloads.models import Download
from downloads.specs import DownloadSpec
from downloads.throughput import SECONDS, count_bytes, throughput_of
from downloads.waiting import words_of
from kapture.jobs.dispatcher import dispatch_due
from kapture.jobs.holding import pause
from kapture.jobs.lanes import Lane
from kapture.jobs.models import Job
from kapture.jobs.runner import run_job
from tests.downloads.conftest import Perform
from tests.gateways.media.site import Site
from tests.jobs.test_dispatcher import broker  # noqa: F401

LINK = "https://www.youtube.com/watch?v=abc"
ROOT = "/api/downloads"
HTMX = {"HX-Request": "true"}


def ask(user: User, count: int, **fields: Any) -> list[Download]:
    made = [services.request_download(user, DownloadSpec(url=f"{LINK}{n}", **fields)) for n in range(count)]
    UsagePeriod.objects.update(limit=10_000)
    return made


@pytest.mark.django_db
class TestWords:
    """Why a download waits."""

    def test_each_waiting_one_says_why(self, alice: User) -> None:
        running, sent, third, first, second, held, night, failing = ask(alice, 8)
        now = timezone.now()
        Job.objects.filter(pk=running.job_id).update(state="running")
        Job.objects.filter(pk__in=[sent.job_id, third.job_id]).update(dispatched_at=now)
        pause(held.job, alice)
        tonight = now.replace(minute=0) + timedelta(hours=3)
        Job.objects.filter(pk=night.job_id).update(lane=Lane.NIGHT, run_after=tonight)
        Job.objects.filter(pk=failing.job_id).update(run_after=now + timedelta(seconds=20), attempt=1)
        jobs = {job.pk: job for job in Job.objects.all()}
        words = words_of(alice, jobs.values())
        assert [words.get(one.job_id) for one in (running, sent, first, second, held, night, failing)] == [
            None,
            "Starts next",
            "Waits for one of your 3 slots",
            "1 ahead of it",
            "Paused",
            f"Tonight at {tonight:%H:%M} UTC",
            "Tries again soon",
        ]

    def test_start_now_changes_the_line(self, browser: Client, alice: User) -> None:
        made = ask(alice, 6)
        Job.objects.filter(pk__in=[one.job_id for one in made[:3]]).update(dispatched_at=timezone.now())
        browser.post(f"/downloads/{made[5].pk}/start/")
        jobs = Job.objects.filter(pk__in=[made[3].job_id, made[5].job_id]).order_by("created_at")
        assert list(words_of(alice, jobs).values()) == ["1 ahead of it", "Waits for one of your 3 slots"]

    def test_a_plan_says_how_many_run_at_once(self, alice: User, bob: User) -> None:
        choose_plan(bob, Plan.objects.get(slug="studio"), bob)
        Plan.objects.filter(slug="studio").update(concurrent_downloads=7)
        assert concurrent_downloads([alice.pk, bob.pk]) == {alice.pk: 3, bob.pk: 7}


@pytest.mark.django_db
class TestDoors:
    """Page and API."""

    def test_pause_resume_and_start_by_the_api(self, api: Client, alice: User) -> None:
        (download,) = ask(alice, 1, lane=Lane.NIGHT)
        for move, paused, lane in (
            ("pause", True, "night"), ("pause", True, "night"), ("resume", False, "night"), ("resume", False, "night"),
            ("start", False, "now"), ("start", False, "now"),
        ):  # fmt: skip
            response = api.post(f"{ROOT}/{download.pk}/{move}", content_type="application/json")
            data = response.json()["data"]
            assert (response.status_code, data["paused"], data["lane"], data["status"]) == (200, paused, lane, "queued")
        services.cancel_download(alice, download)
        for move in ("pause", "resume", "start"):
            response = api.post(f"{ROOT}/{download.pk}/{move}", content_type="application/json")
            assert (response.status_code, response.json()["error"]["code"]) == (409, "CONFLICT")

    def test_a_lane_can_be_asked_for(self, api: Client) -> None:
        body = {"url": LINK, "lane": "night", "subtitles": True}
        data = api.post(f"{ROOT}/request", body, content_type="application/json").json()["data"]["download"]
        assert (data["lane"], data["subtitles"]) == ("night", True)
        wrong = api.post(f"{ROOT}/request", {"url": LINK, "lane": "noon"}, content_type="application/json")
        assert wrong.status_code == 400

    @pytest.mark.parametrize("move", ["pause", "resume", "start"])
    def test_somebody_elses_is_not_there(
        self, stranger: Client, api_for: Callable[[User], Client], alice: User, bob: User, move: str
    ) -> None:
        (download,) = ask(alice, 1)
        assert stranger.post(f"/downloads/{download.pk}/{move}/").status_code == 404
        foreign = api_for(bob).post(f"{ROOT}/{download.pk}/{move}", content_type="application/json")
        assert foreign.status_code == 404
        assert not Job.objects.exclude(held_at=None, lane=Lane.NORMAL).exists()

    def test_all_are_paused_and_go_on_without_scripts(self, browser: Client, stranger: Client, alice: User) -> None:
        ask(alice, 3)
        stranger.post("/downloads/pause/")
        assert not Job.objects.exclude(held_at=None).exists()
        body = browser.post("/downloads/pause/", follow=True).content.decode()
        assert "3 downloads paused." in body
        assert body.count("Go on") >= 3
        assert "Resume all" in body
        assert "3 downloads going on." in browser.post("/downloads/resume/", follow=True).content.decode()
        assert "nothing that could be resumed" in browser.post("/downloads/resume/", follow=True).content.decode()
        response = browser.post("/downloads/pause/", headers=HTMX)
        assert (response.status_code, "rows-changed" in response.headers["HX-Trigger"]) == (204, True)


@pytest.mark.django_db
class TestThroughput:
    """The plot of the last minute."""

    def test_what_arrives_is_counted_once_for_its_owner(
        self, browser: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = ask(alice, 1)[0].job
        clock = 1_000_000.0
        monkeypatch.setattr("downloads.throughput.time.time", lambda: clock)
        for size in (500, 1_500, 1_500, 200):
            count_bytes(job, {"bytes": size})
            job.facts = {"bytes": size}
            clock += 1
        found = throughput_of(alice)
        assert (sum(found.seconds), found.seconds[-4:], len(found.seconds)) == (1_700, (500, 1_000, 0, 200), SECONDS)
        assert found.now == pytest.approx(340)
        assert throughput_of(bob).is_quiet
        body = browser.get("/downloads/throughput/").content.decode()
        assert "340 B" in body
        assert "<svg" in body
        clock += SECONDS
        assert throughput_of(alice).is_quiet
        assert "hx-get" not in browser.get("/downloads/throughput/").content.decode()


@pytest.mark.django_db
def test_the_page_takes_the_same_queries_for_ten_and_a_hundred_waiting(browser: Client, alice: User) -> None:
    def queries(count: int) -> int:
        ask(alice, count - Download.objects.count())
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/downloads/?tab=active").status_code == 200
        return sum("django_session" not in query["sql"] for query in captured)

    browser.get("/downloads/")
    assert queries(10) == queries(100)


@pytest.mark.django_db(transaction=True)
def test_a_paused_download_gives_its_place_away_and_is_fetched_anew(
    alice: User, site: Site, watch: str, perform: Perform
) -> None:
    first = services.request_download(alice, DownloadSpec(url=watch))
    others = ask(alice, 3)
    dispatch_due()
    assert Job.objects.exclude(dispatched_at=None).count() == 3
    pause(first.job, alice)
    dispatch_due()
    assert set(Job.objects.exclude(dispatched_at=None).values_list("pk", flat=True)) == {one.job_id for one in others}
    run_job(first.job_id)
    assert site.hits == []
    Job.objects.filter(pk=first.job_id).update(held_at=None)
    run_job(first.job_id)
    first.refresh_from_db()
    assert first.state == "completed"
    period = UsagePeriod.objects.get(user=alice, kind="download")
    assert (period.used, period.held) == (1, 3)
