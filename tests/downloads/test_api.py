"""`/api/downloads`: requests, answers, refusals, and who may see what."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing.models import UsagePeriod
from downloads import services
from downloads.models import Download
from downloads.specs import DownloadSpec
from kapture.core.ids import new_id
from kapture.jobs.models import Job
from tests.downloads.conftest import Perform, make_trend
from tests.gateways.media.site import Site, status

LINK = "https://www.youtube.com/watch?v=abc"
ROOT = "/api/downloads"
NOBODY = "0199aaaa-0000-7000-8000-000000000000"


def post(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    return client.post(f"{ROOT}{path}", body, content_type="application/json", headers=headers)


def error(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


@pytest.fixture
def waiting(alice: User) -> Download:
    return services.request_download(alice, DownloadSpec(url=LINK))


@pytest.mark.django_db
class TestAsking:
    """Requests for one and for many."""

    def test_it_is_accepted_with_its_job_and_usage(self, api: Client) -> None:
        response = post(api, "/request", {"url": f"{LINK}#x", "kind": "audio", "convertTo": "mp3"})
        body = response.json()
        assert response.status_code == 202
        assert body["data"]["download"] | {} == {
            **body["data"]["download"],
            "url": LINK,
            "kind": "audio",
            "status": "queued",
        }
        assert body["data"]["job"]["id"] == body["data"]["download"]["jobId"]
        assert body["data"]["download"]["platform"] == "youtube"
        assert body["meta"]["usage"]["current"] == 1

    def test_a_trend_is_enough(self, api: Client, alice: User) -> None:
        trend = make_trend(alice, LINK)
        response = post(api, "/request", {"trendId": str(trend.pk)})
        assert response.status_code == 202
        assert response.json()["data"]["download"]["trendId"] == str(trend.pk)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            [],
            "text",
            {"url": ""},
            {"url": 7},
            {"url": None},
            {"url": ["https://a.test/"]},
            {"url": "not a link"},
            {"url": "http://127.0.0.1/"},
            {"url": "http://user:pw@example.com/"},
            {"url": "file:///etc/passwd"},
            {"url": "https://example.com/\x00"},
            {"url": "https://example.com/" + "a" * 3000},
            {"url": LINK, "kind": "film"},
            {"url": LINK, "kind": "audio", "convertTo": "mp4"},
            {"url": LINK, "quality": "4k"},
            {"url": LINK, "convertTo": "exe"},
            {"url": LINK, "owner": "x"},
            {"url": LINK, "state": "completed"},
            {"url": LINK, "trendId": NOBODY},
            {"trendId": "x"},
            {"trendId": NOBODY},
        ],
    )
    def test_bad_input_is_named_and_nothing_is_written(self, api: Client, body: Any) -> None:
        assert error(post(api, "/request", body)) == (400, "VALIDATION_ERROR")
        assert Download.objects.count() == Job.objects.count() == 0

    def test_the_limit_is_told_in_full(self, api: Client, alice: User, waiting: Download) -> None:
        UsagePeriod.objects.update(limit=1)
        response = post(api, "/request", {"url": LINK})
        assert error(response) == (403, "USAGE_EXCEEDED")
        assert {"type", "limit", "current", "resetsAt", "upgradeUrl", "alternatives"} <= response.json()["error"][
            "details"
        ].keys()

    def test_the_same_key_asks_once(self, api: Client) -> None:
        first = post(api, "/request", {"url": LINK}, **{"Idempotency-Key": "one"})
        second = post(api, "/request", {"url": LINK}, **{"Idempotency-Key": "one"})
        assert first.json()["data"] == second.json()["data"]
        assert Download.objects.count() == 1

    def test_many_have_an_outcome_each(self, api: Client, bob: User) -> None:
        foreign = make_trend(bob, LINK)
        items = [
            {"url": LINK},
            {"url": "http://10.0.0.1/"},
            {"trendId": str(foreign.pk)},
            {"url": LINK, "kind": "image"},
        ]
        response = post(api, "/bulk", {"items": items})
        data = response.json()["data"]
        assert response.status_code == 202
        assert (data["accepted"], data["refused"]) == (2, 2)
        assert [one["error"] and one["error"]["code"] for one in data["outcomes"]] == [
            None, "VALIDATION_ERROR", "VALIDATION_ERROR", None,
        ]  # fmt: skip
        assert [one["index"] for one in data["outcomes"]] == [0, 1, 2, 3]
        assert response.json()["meta"]["usage"]["current"] == 2

    @pytest.mark.parametrize("items", [[], [{}] * 51, "x", None, [7], [{"url": LINK, "kind": "x"}]])
    def test_a_malformed_list_is_refused_whole(self, api: Client, items: Any) -> None:
        assert error(post(api, "/bulk", {"items": items})) == (400, "VALIDATION_ERROR")
        assert Download.objects.count() == 0


@pytest.mark.django_db
class TestReading:
    """The list and one download."""

    def test_the_list_is_filtered(self, api: Client, alice: User, bob: User, waiting: Download) -> None:
        services.request_download(bob, DownloadSpec(url=LINK))
        trend = make_trend(alice, "https://www.tiktok.com/@a/video/1", title="Sourdough in Osaka", platform="tiktok")
        other = services.request_download(alice, DownloadSpec(trend_id=trend.pk))

        def listed(query: str) -> list[str]:
            return [row["id"] for row in api.get(f"{ROOT}?{query}").json()["data"]]

        assert listed("") == [str(other.pk), str(waiting.pk)]
        assert listed("platform=tiktok") == listed("q=sourdough") == [str(other.pk)]
        assert listed("status=queued&kind=video&limit=1") == [str(other.pk)]
        assert listed("status=completed") == listed("kind=audio") == listed("q=nothing") == []

    @pytest.mark.parametrize("query", ["status=x", "kind=x", "platform=web", "foo=1", "limit=101", "page=0", "q=%00"])
    def test_a_bad_filter_is_refused(self, api: Client, query: str) -> None:
        assert error(api.get(f"{ROOT}?{query}")) == (400, "VALIDATION_ERROR")

    def test_the_same_number_of_queries_for_ten_and_a_hundred(self, api: Client, alice: User) -> None:
        def queries(count: int) -> int:
            while Download.objects.count() < count:
                services.request_download(alice, DownloadSpec(url=f"{LINK}{Download.objects.count()}"))
            with CaptureQueriesContext(connection) as captured:
                assert len(api.get(f"{ROOT}?limit=100").json()["data"]) == count
            return len(captured)

        UsagePeriod.objects.update(limit=1000)
        services.request_download(alice, DownloadSpec(url=LINK))
        UsagePeriod.objects.update(limit=1000)
        api.get(ROOT)
        assert queries(10) == queries(100)

    def test_an_active_one_has_no_file(self, api: Client, waiting: Download) -> None:
        data = api.get(f"{ROOT}/{waiting.pk}").json()["data"]
        assert (data["status"], data["file"], data["error"], data["size"]) == ("queued", None, None, None)


@pytest.mark.django_db
class TestOthers:
    """Who is not the owner."""

    @pytest.mark.parametrize(("method", "tail"), [("get", ""), ("delete", ""), ("post", "/retry")])
    def test_somebody_elses_looks_missing(
        self, api_for: Callable[[User], Client], bob: User, waiting: Download, method: str, tail: str
    ) -> None:
        client = api_for(bob)
        foreign = getattr(client, method)(f"{ROOT}/{waiting.pk}{tail}", content_type="application/json")
        missing = getattr(client, method)(f"{ROOT}/{new_id()}{tail}", content_type="application/json")
        assert foreign.status_code == missing.status_code == 404
        assert {**foreign.json(), "meta": None} == {**missing.json(), "meta": None}

    @pytest.mark.parametrize(
        ("method", "path"),
        [("get", ""), ("post", "/request"), ("post", "/bulk"), ("post", "/preview"), ("get", f"/{NOBODY}")],
    )
    def test_strangers_are_turned_away(self, db: None, method: str, path: str) -> None:
        response = getattr(Client(), method)(f"{ROOT}{path}", content_type="application/json")
        assert error(response) == (401, "UNAUTHORIZED")


@pytest.mark.django_db
class TestEnding:
    """Cancelling, removing and trying again."""

    def test_deleting_a_waiting_one_cancels_it(self, api: Client, waiting: Download) -> None:
        response = api.delete(f"{ROOT}/{waiting.pk}")
        assert (response.status_code, response.json()["data"]["status"]) == (202, "cancelled")
        assert api.delete(f"{ROOT}/{waiting.pk}").status_code == 204
        assert api.get(f"{ROOT}/{waiting.pk}").status_code == 404

    def test_a_cancelled_one_can_be_tried_again(self, api: Client, alice: User, waiting: Download) -> None:
        assert error(post(api, f"/{waiting.pk}/retry")) == (409, "CONFLICT")
        services.cancel_download(alice, waiting)
        response = post(api, f"/{waiting.pk}/retry")
        assert response.status_code == 202
        assert response.json()["data"]["download"]["id"] == str(waiting.pk)
        assert response.json()["meta"]["usage"]["current"] == 1


@pytest.mark.django_db(transaction=True)
class TestWithASite:
    """What needs a real file."""

    def test_a_completed_one_has_links_that_serve_the_file(
        self, api: Client, alice: User, watch: str, perform: Perform
    ) -> None:
        download = perform(alice, watch)
        data = api.get(f"{ROOT}/{download.pk}").json()["data"]
        assert (data["status"], data["container"], data["width"]) == ("completed", "mp4", 160)
        shown, saved = Client().get(data["file"]["url"]), Client().get(data["file"]["saveUrl"])
        assert len(shown.getvalue()) == data["size"]
        assert saved.headers["Content-Disposition"] == 'attachment; filename="A page.mp4"'

    def test_a_failure_tells_reason_and_remedy(self, api: Client, alice: User, site: Site, perform: Perform) -> None:
        site.routes["/private"] = status(401)
        download = perform(alice, site.url("/private"))
        data = api.get(f"{ROOT}/{download.pk}").json()["data"]
        assert (data["status"], data["error"]["code"]) == ("failed", "needs_sign_in")
        assert data["error"]["remedy"]

    def test_a_look_costs_nothing(self, api: Client, alice: User, watch: str, perform: Perform) -> None:
        before = perform(alice, watch)
        response = post(api, "/preview", {"url": watch})
        data = response.json()["data"]
        assert (data["possible"], data["title"], data["problem"]) == (True, "A page", None)
        assert data["duplicateOf"] == str(before.pk)
        assert response.json()["meta"]["usage"]["current"] == 1
        assert Download.objects.count() == 1

    def test_a_look_names_the_problem(self, api: Client, site: Site) -> None:
        data = post(api, "/preview", {"url": site.url("/gone")}).json()["data"]
        assert (data["possible"], data["problem"]["code"]) == (False, "removed")
        assert error(post(api, "/preview", {"url": "http://10.0.0.1/"})) == (400, "VALIDATION_ERROR")
