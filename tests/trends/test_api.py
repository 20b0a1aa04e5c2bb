"""Trends through the API: what is answered, to whom, and what is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from billing.models import UsagePeriod
from kapture.core.choices import Platform
from kapture.core.ids import new_id
from kapture.gateways.scraping import ContentType
from kapture.jobs.models import Job
from kapture.sandbox.control import Control
from tests.trends.conftest import Capture, make_post
from trends.api import TrendViewSet
from trends.models import PlatformTotal, Scrape, Trend
from trends.serializers import SnapshotSerializer, TrendDetailSerializer, TrendSerializer

pytestmark = pytest.mark.django_db
MISSING = "01900000-0000-7000-8000-000000000000"
Api = Callable[[User], Client]


def get(client: Client, path: str, status: int = 200) -> Any:
    answer = client.get(f"/api/trends{path}")
    assert answer.status_code == status, answer.content
    return answer.json()["data"] if status == 200 else answer.json()["error"]


def titles(client: Client, query: str = "") -> list[str]:
    return [row["title"] for row in get(client, query)]


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"/api/trends/{path}", body, content_type="application/json")


@pytest.fixture
def three(alice: User, capture: Capture) -> None:
    """A video, a Short and a text post of three authors, found one after the other."""
    now = timezone.now()
    capture(
        alice,
        make_post(
            title="First lamp",
            views=100,
            hashtags=("lamp", "desk"),
            published_at=now - timedelta(hours=2),
            language="de",
        ),
        now=now - timedelta(hours=1),
    )
    capture(
        alice,
        make_post(
            title="Second light",
            views=9_000,
            content_type=ContentType.SHORT,
            author_handle="Juno",
            author_name="Juno",
            published_at=now - timedelta(days=3),
        ),
        now=now - timedelta(minutes=30),
    )
    capture(
        alice,
        make_post(
            platform=Platform.REDDIT,
            external_id="1ab2c3",
            title="Third window",
            text="About lamps and windows",
            content_type=ContentType.TEXT,
            author_handle="mara",
            views=None,
            likes=700,
            published_at=now - timedelta(days=40),
        ),
        now=now,
    )


@pytest.mark.usefixtures("three")
class TestList:
    """The list and its filters."""

    def test_it_is_in_the_envelope_with_pagination(self, api: Client) -> None:
        body = api.get("/api/trends").json()
        assert (body["success"], body["error"]) == (True, None)
        assert body["meta"]["pagination"] == {
            "page": 1, "limit": 20, "total": 3, "totalIsExact": True, "totalPages": 1, "nextCursor": None,
        }  # fmt: skip

    def test_it_keeps_the_promise_of_the_schema(self, api: Client) -> None:
        for row in get(api, ""):
            assert same_shape(row, TrendSerializer())
            assert same_shape(get(api, f"/{row['id']}"), TrendDetailSerializer())

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["Third window", "Second light", "First lamp"]),
            ("?sort=scrapedAt", ["First lamp", "Second light", "Third window"]),
            ("?sort=-views", ["Second light", "Third window", "First lamp"]),
            ("?sort=-publishedAt", ["First lamp", "Second light", "Third window"]),
            ("?platform=youtube", ["Second light", "First lamp"]),
            ("?platform=youtube,reddit&contentType=short", ["Second light"]),
            ("?contentType=text", ["Third window"]),
            ("?q=lam", ["Third window", "First lamp"]),
            ("?q=LAMP%20first", ["First lamp"]),
            ("?q=juno", ["Second light"]),
            ("?q=%23lamp", ["First lamp"]),
            ("?q=%40juno", ["Second light"]),
            ("?q=lamp%27%20%26%20%21%3A%2A%20%28%20%5C", ["Third window", "First lamp"]),
            ("?hashtag=%23Desk", ["First lamp"]),
            ("?author=%40JUNO", ["Second light"]),
            ("?minViews=700", ["Third window", "Second light"]),
            ("?dateRange=1d", ["First lamp"]),
            ("?dateRange=30d&sort=-views", ["Second light", "First lamp"]),
            ("?language=de", ["First lamp"]),
            ("?q=nothing", []),
            ("?page=7", []),
        ],
    )
    def test_filters_and_sorts(self, api: Client, query: str, found: list[str]) -> None:
        assert titles(api, query) == found

    def test_every_sort_goes_through_all_rows_by_cursor(self, api: Client) -> None:
        for sort in ("-score", "-velocity", "-views", "-publishedAt", "-scrapedAt", "score", "views"):
            seen, cursor = [], ""
            for _ in range(3):
                body = api.get("/api/trends", {"sort": sort, "limit": 1, "cursor": cursor}).json()
                seen += [row["title"] for row in body["data"]]
                cursor = body["meta"]["pagination"]["nextCursor"] or ""
            assert seen == titles(api, f"?sort={sort}")
            assert cursor == ""

    @pytest.mark.parametrize(
        "query",
        [
            "?platform=vimeo", "?platform=%2C", "?contentType=song", "?sort=user__password", "?sort=-id",
            "?dateRange=2d", "?minViews=-1", "?minViews=many", "?minViews=99999999999999999999", "?language=klingon",
            "?limit=0",
            "?limit=101", "?page=0", "?page=x", "?cursor=AAAA", "?cursor=%00", "?scrapeId=5", "?owner=alice",
            "?q=" + "x" * 201, "?q=%00", "?hashtag=%00",
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused(self, api: Client, query: str) -> None:
        assert get(api, query, 400)["code"] == "VALIDATION_ERROR"

    @pytest.mark.parametrize("q", ["🙂", "...", "%F0%9F%A7%91", "(", "a:*b", "'", "\\\\", "%E2%80%8B", "-", "|", "<->"])
    def test_no_word_breaks_the_search(self, api: Client, q: str) -> None:
        assert isinstance(get(api, f"?q={q}"), list)


def same_shape(row: Any, serializer: Any) -> bool:
    """Whether an answer has exactly the fields of a serializer, nested ones included."""
    if row is None and serializer.allow_null:
        return True
    assert set(row) == set(serializer.fields)
    return all(same_shape(row[name], field) for name, field in serializer.fields.items() if hasattr(field, "fields"))


def test_detail_has_the_whole_text_and_the_rating(alice: User, api: Client, capture: Capture) -> None:
    capture(alice, make_post(text="word " * 400, views=2**53))
    pk = Trend.objects.values_list("pk", flat=True).get()
    row = get(api, f"/{pk}")
    assert (len(row["text"]), len(row["excerpt"]), row["views"]) == (2_000, 300, 2**53)
    assert row["rating"]["baseline"] == "none"
    assert row["scrapedAt"].endswith("Z")


def test_an_unknown_age_has_no_velocity(alice: User, api: Client, capture: Capture) -> None:
    capture(alice, make_post(published_at=None))
    assert get(api, "")[0]["rating"]["velocity"] is None


def test_history_tells_each_measurement(alice: User, api: Client, capture: Capture) -> None:
    for views in (10, 30, 20):
        capture(alice, make_post(external_id="vid_00000_a", views=views))
    pk = Trend.objects.values_list("pk", flat=True).get()
    rows = get(api, f"/{pk}/history")
    assert [row["views"] for row in rows] == [10, 30, 20]
    assert same_shape(rows[0], SnapshotSerializer())


def test_a_deleted_trend_is_shown_nowhere_and_counted_nowhere(alice: User, api: Client, capture: Capture) -> None:
    capture(alice, make_post(), make_post())
    pk = Trend.objects.order_by("pk").values_list("pk", flat=True)[0]
    assert api.delete(f"/api/trends/{pk}").status_code == 204
    assert api.delete(f"/api/trends/{pk}").status_code == 404
    assert get(api, f"/{pk}", 404)["code"] == get(api, f"/{pk}/history", 404)["code"] == "NOT_FOUND"
    assert len(get(api, "")) == PlatformTotal.objects.get().count == 1


@pytest.mark.parametrize("method", ["get", "delete"])
def test_what_belongs_to_somebody_else_looks_like_nothing(
    alice: User, bob: User, api_for: Api, capture: Capture, method: str
) -> None:
    capture(alice, make_post())
    pk = Trend.objects.values_list("pk", flat=True).get()
    stranger = api_for(bob)
    theirs, missing = (getattr(stranger, method)(f"/api/trends/{one}") for one in (pk, new_id()))
    assert (theirs.status_code, missing.status_code) == (404, 404)
    assert {**theirs.json(), "meta": 0} == {**missing.json(), "meta": 0}
    assert stranger.get(f"/api/trends/{pk}/history").status_code == 404
    assert get(stranger, "") == []
    assert get(stranger, "/summary")["considered"] == 0


@pytest.mark.parametrize("path", ["", "/summary", f"/{MISSING}", f"/{MISSING}/history"])
def test_nobody_reads_without_credentials(client: Client, db: None, path: str) -> None:
    assert get(client, path, 401)["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("path", ["/5", "/x", "/../jobs", "/%00", f"/{'a' * 5_000}"])
def test_an_id_that_is_none_is_not_found(api: Client, path: str) -> None:
    assert api.get(f"/api/trends{path}").status_code in {400, 404}


def test_the_list_takes_the_same_queries_for_ten_and_a_hundred_rows(
    alice: User, api: Client, capture: Capture, django_assert_max_num_queries: Any
) -> None:
    capture(alice, *(make_post(author_handle=f"a{n % 7}") for n in range(110)))
    api.get("/api/trends")
    counted = []
    for limit in (10, 100):
        with django_assert_max_num_queries(8) as context:
            assert len(get(api, f"?limit={limit}&sort=-score")) == limit
        counted.append(len(context.captured_queries))
    assert counted[0] == counted[1]


class TestScrape:
    """Asking for scrapes."""

    def test_it_answers_the_job_and_what_is_left(self, alice: User, api: Client, apify: Control) -> None:
        answer = post(api, "scrape", {"platform": "x", "keywords": ["lamps", "Lamps ", " desk  lamp"], "limit": 5})
        assert answer.status_code == 202
        body = answer.json()
        job = Job.objects.get(owner=alice)
        assert (body["data"]["id"], body["data"]["kind"], body["data"]["state"]) == (
            str(job.pk),
            "trends.scrape",
            "queued",
        )
        assert body["meta"]["usage"] == {"type": "scrape", "current": 1, "limit": 20, "remaining": 19}
        assert Scrape.objects.values_list("keywords", "limit").get() == (["lamps", "desk lamp"], 5)

    def test_filters_reach_the_search(self, api: Client, apify: Control) -> None:
        filters = {"dateRange": "7d", "minViews": 500, "language": "de"}
        assert post(api, "scrape", {"platform": "x", "keywords": ["a"], "filters": filters}).status_code == 202
        assert Scrape.objects.values_list("date_range", "min_views", "language", "limit").get() == ("7d", 500, "de", 10)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"platform": "vimeo"}, {"platform": None}, {"platform": ["x"]}, {"keywords": []}, {"keywords": "lamps"},
            {"keywords": [f"k{n}" for n in range(11)]}, {"keywords": ["x" * 101]}, {"keywords": [""]},
            {"keywords": ["  "]}, {"keywords": [None]}, {"keywords": [{}]}, {"keywords": None}, {"limit": 0},
            {"limit": 101}, {"limit": "many"}, {"limit": 1e400}, {"limit": None}, {"filters": []},
            {"filters": {"dateRange": "2d"}},
            {"filters": {"minViews": -1}}, {"filters": {"minViews": 2**70}}, {"filters": {"language": "xx"}},
            {"filters": {"unknown": 1}}, {"owner": "bob"}, {"fence": 3},
        ],
    )  # fmt: skip
    def test_a_wrong_body_is_refused_by_field(self, api: Client, apify: Control, wrong: dict[str, Any]) -> None:
        answer = post(api, "scrape", {"platform": "x", "keywords": ["lamps"], **wrong})
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
        assert Scrape.objects.count() == 0

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"null", b"{", b'{"platform": "x", "keywords": ["a\\u0000b"]}', b"\xff"]
    )
    def test_a_broken_body_is_refused(self, api: Client, apify: Control, body: bytes) -> None:
        answer = api.post("/api/trends/scrape", body, content_type="application/json")
        assert answer.status_code == 400

    def test_the_last_unit_is_refused_clearly(self, alice: User, api: Client, apify: Control) -> None:
        post(api, "scrape", {"platform": "x", "keywords": ["lamps"]})
        UsagePeriod.objects.filter(user=alice).update(limit=1)
        answer = post(api, "scrape", {"platform": "x", "keywords": ["lamps"]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "USAGE_EXCEEDED")
        assert answer.json()["error"]["details"]["type"] == "scrape"

    def test_a_switched_off_vendor_is_told(self, api: Client) -> None:
        answer = post(api, "scrape", {"platform": "x", "keywords": ["lamps"]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")

    def test_the_same_request_twice_is_one_scrape(self, api: Client, apify: Control) -> None:
        body = {"platform": "x", "keywords": ["lamps"]}
        answers = [
            api.post("/api/trends/scrape", body, content_type="application/json", headers={"Idempotency-Key": "one"})
            for _ in range(2)
        ]
        assert answers[0].json() == answers[1].json()
        assert Scrape.objects.count() == 1

    def test_several_platforms_at_once(self, alice: User, api: Client, apify: Control) -> None:
        answer = post(api, "bulk-scrape", {"platforms": ["youtube", "x", "x"], "keywords": ["lamps"]})
        assert answer.status_code == 202
        assert [job["title"] for job in answer.json()["data"]] == ["YouTube: lamps", "X: lamps"]
        assert answer.json()["meta"]["usage"]["current"] == 2

    def test_several_platforms_or_none(self, alice: User, api: Client, apify: Control) -> None:
        post(api, "scrape", {"platform": "x", "keywords": ["lamps"]})
        UsagePeriod.objects.filter(user=alice).update(limit=3)
        answer = post(api, "bulk-scrape", {"platforms": ["youtube", "tiktok", "x"], "keywords": ["lamps"]})
        assert (answer.status_code, Scrape.objects.count()) == (403, 1)
        assert answer.json()["error"]["details"]["remaining"] == 2

    @pytest.mark.parametrize("platforms", [[], ["vimeo"], ["x"] * 5, "x", None])
    def test_wrong_platforms_are_refused(self, api: Client, apify: Control, platforms: Any) -> None:
        assert post(api, "bulk-scrape", {"platforms": platforms, "keywords": ["lamps"]}).status_code == 400

    def test_nobody_scrapes_without_credentials(self, client: Client, db: None) -> None:
        assert post(client, "scrape", {"platform": "x", "keywords": ["a"]}).status_code == 401


def test_the_list_never_reads_the_search_column(
    alice: User, capture: Capture, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    capture(alice, make_post())
    with django_assert_num_queries(1) as context:
        list(Trend.objects.for_user(alice))
    assert '"search"' not in context.captured_queries[0]["sql"]
    assert TrendViewSet.serializer_class is TrendSerializer
