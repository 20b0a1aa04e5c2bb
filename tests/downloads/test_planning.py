"""The plan before the pull: what is seen, what it costs to look, and starting exactly what was chosen."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from billing.models import UsagePeriod
from downloads import looking, services
from downloads.choices import Format, Kind, Quality, State
from downloads.looking import LOOK_KIND, ask_looks
from downloads.models import Download, Policy
from downloads.planning import Sheet, specs_of
from downloads.sizes import picture_of, size_of, speed_of
from downloads.specs import DownloadSpec, Wish
from kapture.core.errors import InvalidInput, RateLimited
from kapture.gateways.media.types import About
from kapture.jobs.models import Job
from kapture.jobs.models import State as JobState
from kapture.jobs.runner import run_job
from kapture.jobs.services import cancel
from tests.downloads.conftest import Perform
from tests.gateways.media.site import Site

LINK = "https://www.youtube.com/watch?v=abc"
HTMX = {"HX-Request": "true"}


def text(response: Any) -> str:
    return str(response.content.decode())


def seen(**about: Any) -> dict[str, Any]:
    whole = {name: getattr(About(), name) for name in looking.SHOWN}
    return {"about": {**whole, "heights": [], "sizes": [], **about}}


def looked_at(user: User, *links: str, **answers: Any) -> Job:
    """A finished look with these answers by position."""
    job = ask_looks(user, [DownloadSpec(url=link) for link in links])
    job.result = {"seen": {key.removeprefix("at"): value for key, value in answers.items()}}
    job.state = JobState.COMPLETED
    job.save()
    return job


class TestSizes:
    """What a wish would weigh, by what the site tells."""

    ABOUT = About(size=900, heights=(1080, 720, 360), sizes=((1080, 900), (720, 500), (360, 200), (0, 50)))

    @pytest.mark.parametrize(
        ("wish", "size", "height"),
        [
            (Wish(), 900, 1080),
            (Wish(quality=Quality.P1080), 900, 1080),
            (Wish(quality=Quality.P720), 500, 720),
            (Wish(quality=Quality.P480), 200, 360),
            (Wish(Kind.AUDIO), 50, None),
            (Wish(Kind.AUDIO, convert_to=Format.MP3), 50, None),
            (Wish(Kind.IMAGE), None, None),
        ],
    )
    def test_a_wish_weighs_what_its_own_format_does(self, wish: Wish, size: int | None, height: int | None) -> None:
        assert (size_of(self.ABOUT, wish), picture_of(self.ABOUT, wish)) == (size, height)

    def test_what_the_site_does_not_tell_is_unknown(self) -> None:
        assert size_of(About(), Wish()) is None
        assert size_of(About(size=9, heights=(1080, 720)), Wish(quality=Quality.P720)) is None
        assert size_of(About(size=9, heights=(360,)), Wish(quality=Quality.P720)) == 9
        assert size_of(About(heights=(1080,), sizes=((1080, 7),)), Wish(quality=Quality.P480)) == 7


@pytest.mark.django_db
class TestSheet:
    """What a sheet says."""

    def test_it_tells_size_time_copy_cost_and_who_decided(self, alice: User) -> None:
        now = timezone.now()
        for number in range(3):
            done = services.request_download(alice, DownloadSpec(url=f"{LINK}{number}"))
            Job.objects.filter(pk=done.job_id).update(started_at=now - timedelta(seconds=10), state="completed")
            Download.objects.filter(pk=done.pk).update(state="completed", size=1_000, completed_at=now)
        assert speed_of(alice) == pytest.approx(100)
        Policy.objects.create(owner=alice, host="youtube", kind="video", quality="720", lane=2)
        Policy.objects.create(owner=alice, host="", subtitles=True)
        job = looked_at(
            alice,
            f"{LINK}new",
            f"{LINK}0",
            f"{LINK}gone",
            at0=seen(title="New", duration=61.0, heights=[1080, 720], sizes=[[1080, 5_000], [720, 2_000]]),
            at1=seen(title="Old"),
            at2={"problem": {"code": "removed", "message": "Gone.", "remedy": "Look.", "retryable": False}},
        )
        new, old, gone = Sheet.of(alice, job).items
        assert (new.title, new.size, new.format_words) == ("New", 2_000, "720p · captions")
        assert new.eta == pytest.approx(20)
        assert new.decided
        assert new.decided.words == "your rule for YouTube and your default"
        assert new.waits_for_night
        assert old.duplicate
        assert [item.checked for item in (new, old, gone)] == [True, False, False]
        assert [item.can_start for item in (new, old, gone)] == [True, True, False]
        sheet = Sheet.of(alice, job)
        assert (sheet.size, len(sheet.chosen), sheet.pending, sheet.too_many) == (2_000, 1, 0, 0)

    def test_without_recent_downloads_the_time_is_unknown(self, alice: User) -> None:
        (item,) = Sheet.of(alice, looked_at(alice, LINK, at0=seen(size=5))).items
        assert (item.size, item.eta) == (5, None)

    def test_what_was_unchecked_stays_so_while_the_sheet_fills_up(self, alice: User) -> None:
        job = looked_at(alice, LINK, f"{LINK}2", f"{LINK}3", at0=seen(), at1=seen(), at2=seen())
        sheet = Sheet.of(alice, job, shown=[0, 1], checked=[1])
        assert [item.checked for item in sheet.items] == [False, True, True]

    def test_it_takes_the_same_queries_for_ten_and_for_fifty_links(self, alice: User) -> None:
        def queries(count: int) -> int:
            links = [f"{LINK}{number}" for number in range(count)]
            job = looked_at(alice, *links, **{f"at{number}": seen(title="x") for number in range(count)})
            with CaptureQueriesContext(connection) as captured:
                assert len(Sheet.of(alice, job).items) == count
            return len(captured)

        assert queries(10) == queries(50)

    def test_only_links_of_the_sheet_can_be_started(self, alice: User) -> None:
        job = looked_at(alice, LINK, at0=seen(title="Seen"))
        (spec,) = specs_of(job, [0, 0])
        assert isinstance(spec, DownloadSpec)
        assert spec.told
        assert spec.told.title == "Seen"
        for wrong in ([], [1], [0, 7]):
            with pytest.raises(InvalidInput):
                specs_of(job, wrong)


@pytest.mark.django_db
class TestBounds:
    """Looking costs nothing, and nobody can pile it up."""

    def test_it_holds_no_unit(self, alice: User) -> None:
        ask_looks(alice, [DownloadSpec(url=LINK)])
        assert not UsagePeriod.objects.filter(user=alice, held__gt=0).exists()
        assert not Download.objects.exists()

    def test_a_few_sheets_at_once(self, alice: User, bob: User) -> None:
        for _ in range(looking.MOST_SHEETS):
            ask_looks(alice, [DownloadSpec(url=LINK)])
        with pytest.raises(RateLimited):
            ask_looks(alice, [DownloadSpec(url=LINK)])
        ask_looks(bob, [DownloadSpec(url=LINK)])
        cancel(Job.objects.for_user(alice).first(), alice)
        ask_looks(alice, [DownloadSpec(url=LINK)])

    def test_old_sheets_are_forgotten_and_nothing_else(self, alice: User) -> None:
        old, young = (looked_at(alice, f"{LINK}{number}") for number in range(2))
        services.cancel_download(alice, services.request_download(alice, DownloadSpec(url=LINK)))
        week = timezone.now() - looking.KEPT
        Job.objects.update(finished_at=week + timedelta(minutes=1))
        Job.objects.exclude(pk=young.pk).update(finished_at=week - timedelta(minutes=1))
        assert looking.forget_looks() == 1
        assert set(Job.objects.values_list("pk", flat=True)) == {young.pk, Download.objects.get().job_id}
        assert old.pk not in Job.objects.values_list("pk", flat=True)

    @pytest.mark.parametrize("count", [0, 51])
    def test_none_and_too_many_are_refused(self, alice: User, count: int) -> None:
        with pytest.raises(InvalidInput):
            ask_looks(alice, [DownloadSpec(url=f"{LINK}{number}") for number in range(count)])


@pytest.mark.django_db
class TestPages:
    """The sheet on the page, with and without scripts."""

    def test_a_sheet_survives_a_reload_and_starts_exactly_the_chosen(self, browser: Client, alice: User) -> None:
        response = browser.post("/downloads/plan/", {"urls": f"{LINK} {LINK}2 http://10.0.0.1/", "wish": "audio:best:"})
        address = response.headers["Location"]
        assert re.fullmatch(r"/downloads/\?plan=[0-9a-f-]{36}", address)
        body = text(browser.get(address))
        assert body.count('class="plan-item"') == 3
        assert "private network" in body
        job = Job.objects.get(kind=LOOK_KIND)
        body = text(browser.get(f"/downloads/plan/{job.pk}/", headers=HTMX))
        assert body.count(" checked") == 2
        assert "load delay" in body
        kept = {"waited": ["0", "1"], "item": ["1"]}
        assert text(browser.get(f"/downloads/plan/{job.pk}/", kept, headers=HTMX)).count(" checked") == 1
        response = browser.post(f"/downloads/plan/{job.pk}/start/", {"item": ["1"]})
        assert (response.status_code, response.headers["Location"]) == (302, "/downloads/")
        download = Download.objects.get()
        assert (download.url, download.kind) == (f"{LINK}2", "audio")
        job.refresh_from_db()
        assert job.state == JobState.CANCELLED

    def test_nothing_chosen_and_too_little_quota_are_said_in_the_sheet(self, browser: Client, alice: User) -> None:
        job = looked_at(alice, LINK, f"{LINK}2", at0=seen(), at1=seen())
        path = f"/downloads/plan/{job.pk}/start/"
        wrongs: list[dict[str, str]] = [{}, {"item": "9"}, {"item": "x"}]
        for wrong in wrongs:
            response = browser.post(path, wrong, headers=HTMX)
            assert (response.status_code, Download.objects.count()) == (422, 0)
            assert "Choose at least one" in text(response)
        services.request_download(alice, DownloadSpec(url=f"{LINK}9"))
        UsagePeriod.objects.update(limit=2)
        assert "the last 1 would be refused" in text(browser.get(f"/downloads/?plan={job.pk}"))
        response = browser.post(path, {"item": ["0", "1"]}, headers=HTMX)
        assert (response.status_code, Download.objects.count()) == (200, 2)
        assert 'role="alert"' in text(response)

    def test_a_sheet_is_put_away(self, browser: Client, alice: User) -> None:
        job = ask_looks(alice, [DownloadSpec(url=LINK)])
        response = browser.post(f"/downloads/plan/{job.pk}/close/", headers=HTMX)
        job.refresh_from_db()
        assert (response.content, job.state) == (b"", JobState.CANCELLED)

    def test_a_shared_address_stands_in_the_composer(self, browser: Client) -> None:
        for query in ({"url": LINK}, {"text": LINK}):
            assert f">{LINK}</textarea>" in text(browser.get("/downloads/", query))
        assert "<script>alert" not in text(browser.get("/downloads/", {"url": "</textarea><script>alert(1)</script>"}))

    def test_another_job_is_no_sheet(self, browser: Client, alice: User) -> None:
        other = services.request_download(alice, DownloadSpec(url=LINK)).job
        assert browser.get(f"/downloads/plan/{other.pk}/").status_code == 404
        assert browser.get(f"/downloads/?plan={other.pk}").status_code == 404
        assert browser.get("/downloads/?plan=x").status_code == 200


@pytest.mark.django_db
def test_the_api_makes_a_plan_of_several_links(api: Client, alice: User) -> None:
    body = {"urls": [LINK, "http://10.0.0.1/", LINK]}
    response = api.post("/api/downloads/preview", body, content_type="application/json")
    data = response.json()["data"]
    assert (response.status_code, data["pending"], len(data["items"])) == (202, 1, 2)
    assert (data["items"][1]["possible"], data["items"][1]["refused"]) == (
        False,
        "The link leads to an address inside a private network.",
    )
    again = api.get(f"/api/downloads/preview/{data['id']}").json()
    assert again["data"]["items"][0]["decided"]["wishBy"] == "Kapture"
    assert again["meta"]["usage"]["current"] == 0
    wrongs: list[dict[str, object]] = [{}, {"urls": []}, {"url": LINK, "urls": [LINK]}, {"urls": "x"}]
    for wrong in wrongs:
        assert api.post("/api/downloads/preview", wrong, content_type="application/json").status_code == 400


@pytest.mark.django_db(transaction=True)
class TestWithASite:
    """The work itself."""

    def test_each_link_is_looked_at_once_and_kept_as_it_is_seen(
        self, alice: User, site: Site, watch: str, clip: bytes, perform: Perform
    ) -> None:
        perform(alice, watch)
        links = [watch, site.url("/gone"), site.url("/media/clip.mp4")]
        job = ask_looks(alice, [DownloadSpec(url=link) for link in links])
        before = UsagePeriod.objects.values_list("used", "held").get(user=alice, kind="download")
        run_job(job.pk)
        job.refresh_from_db()
        assert job.state == JobState.COMPLETED
        page, gone, file = Sheet.of(alice, job).items
        assert (page.title, page.duplicate and page.duplicate.state) == ("A page", State.COMPLETED)
        assert gone.problem
        assert gone.problem["code"] == "removed"
        # The server of a bare file says how large it is.
        assert file.size == len(clip)
        assert UsagePeriod.objects.values_list("used", "held").get(user=alice, kind="download") == before

    def test_what_was_seen_before_a_crash_is_not_looked_at_again(self, alice: User, site: Site, watch: str) -> None:
        job = ask_looks(alice, [DownloadSpec(url=watch), DownloadSpec(url=site.url("/gone"))])
        Job.objects.filter(pk=job.pk).update(result={"seen": {"0": seen(title="Kept")}})
        run_job(job.pk)
        job.refresh_from_db()
        assert [item.title for item in Sheet.of(alice, job).items] == ["Kept", site.url("/gone")]
        assert "/watch" not in site.hits

    def test_a_cancelled_look_ends_and_leaves_nothing_behind(self, alice: User, site: Site) -> None:
        job = ask_looks(alice, [DownloadSpec(url=site.url("/gone"))])
        Job.objects.filter(pk=job.pk).update(cancel_requested=False)
        cancel(job, alice)
        run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, site.hits) == (JobState.CANCELLED, [])
