"""Analytics through the API: what is answered, to whom, and at what cost."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kapture.core.choices import Platform
from kapture.gateways.scraping import ContentType
from tests.trends.conftest import Capture, make_post
from trends.models import Trend

pytestmark = pytest.mark.django_db
REPORTS = ("summary", "analytics/hashtags", "analytics/authors", "analytics/lead-lag", "analytics/lead-lag?by=seen")


def get(client: Client, path: str, status: int = 200) -> Any:
    answer = client.get(f"/api/trends/{path}")
    assert answer.status_code == status, answer.content
    return answer.json()["data"] if status == 200 else answer.json()["error"]


def days_ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def week(alice: User, capture: Capture) -> None:
    """Two YouTube posts and one of TikTok this week, one of YouTube the week before."""
    capture(
        alice,
        make_post(hashtags=("lamp",), views=1_000, likes=50, comments=None, published_at=days_ago(1.5)),
        make_post(hashtags=("lamp", "desk"), views=3_000, likes=60, comments=None, published_at=days_ago(2)),
        make_post(views=2_000, published_at=days_ago(9)),
        make_post(
            platform=Platform.TIKTOK,
            external_id="7000000000000000001",
            content_type=ContentType.SHORT,
            hashtags=("lamp",),
            views=500,
            likes=5,
            comments=None,
            author_handle="zoe",
            published_at=days_ago(3),
        ),
    )


@pytest.mark.usefixtures("week")
class TestSummary:
    """`GET /api/trends/summary`."""

    def test_it_adds_up_a_period_and_compares_it(self, api: Client) -> None:
        found = get(api, "summary")
        assert (found["considered"], found["cut"]) == (3, False)
        everything = found["all"]
        assert (everything["trends"], everything["reach"]) == (3, 4_500)
        # 50/1000, 60/3000 and 5/500.
        assert everything["medianEngagement"] == 0.02
        assert (everything["change"]["trends"], everything["change"]["reach"]) == (2.0, 1.25)
        assert (len(everything["trendsOverTime"]), sum(everything["reachOverTime"])) == (7, 4_500)
        best = Trend.objects.exclude(views=2_000).order_by("-score").first()
        assert everything["bestTrendId"] == str(best.pk)

    def test_it_tells_platforms_hashtags_and_authors_apart(self, api: Client) -> None:
        found = get(api, "summary")
        assert [(row["name"], row["trends"], row["reach"]) for row in found["platforms"]] == [
            ("youtube", 2, 4_000),
            ("tiktok", 1, 500),
        ]
        assert [(row["name"], row["trends"]) for row in found["hashtags"]] == [("lamp", 3), ("desk", 1)]
        assert [(row["name"], row["key"], row["platform"]) for row in found["authors"]] == [
            ("Lampe", "lampe", "youtube"),
            ("@zoe", "zoe", "tiktok"),
        ]

    def test_it_is_of_one_platform_when_asked(self, api: Client) -> None:
        found = get(api, "summary?platform=tiktok&dateRange=7d")
        assert (found["considered"], [row["name"] for row in found["platforms"]]) == (1, ["tiktok"])
        assert get(api, "summary?dateRange=1d")["considered"] == 0

    def test_what_is_captured_and_trashed_shows_at_once(self, alice: User, api: Client, capture: Capture) -> None:
        assert get(api, "summary")["considered"] == 3
        capture(alice, make_post())
        assert get(api, "summary")["considered"] == 4


@pytest.mark.usefixtures("plans")
class TestHashtags:
    """`GET /api/trends/analytics/hashtags`."""

    @pytest.fixture(autouse=True)
    def _posts(self, alice: User, capture: Capture) -> None:
        def some(count: int, days: float, *tags: str, views: int = 100) -> None:
            made = (
                make_post(hashtags=tags, author_handle=f"a{n % 2}", views=views, published_at=days_ago(days))
                for n in range(count)
            )
            capture(alice, *made)

        some(8, 1, "kite")
        some(4, 1, "lamp", views=9_000)
        some(3, 8, "kite")
        some(20, 8, "lamp")

    def test_what_grows_comes_first(self, api: Client) -> None:
        found = get(api, "analytics/hashtags")
        assert (found["considered"], found["consideredBefore"], found["comparable"]) == (12, 23, True)
        kite, lamp = found["hashtags"]
        assert (kite["name"], kite["figures"]["trends"], kite["authors"]) == ("kite", 8, 2)
        assert kite["rise"] == pytest.approx((8.5 / 13) / (3.5 / 24))
        assert 1 < kite["riseAtLeast"] < kite["rise"]
        assert lamp["rise"] < 1

    def test_it_sorts(self, api: Client) -> None:
        for sort, first in (("-reach", "lamp"), ("-trends", "kite"), ("-reachRise", "lamp")):
            assert get(api, f"analytics/hashtags?sort={sort}")["hashtags"][0]["name"] == first
        assert get(api, "analytics/hashtags?sort=reach", 400)["details"]["sort"]

    def test_too_little_before_leaves_the_rise_open(self, api: Client) -> None:
        found = get(api, "analytics/hashtags?dateRange=30d")
        assert found["comparable"] is False
        assert found["hashtags"][0]["rise"] is found["hashtags"][0]["riseAtLeast"] is None

    def test_authors_have_figures_of_their_own(self, api: Client) -> None:
        found = get(api, "analytics/authors?sort=-reach")["authors"]
        assert [(row["key"], row["figures"]["trends"]) for row in found] == [("a0", 6), ("a1", 6)]
        assert found[0]["multiple"] is not None


def test_lead_lag_tells_who_was_first(alice: User, api: Client, capture: Capture) -> None:
    both = [
        (
            make_post(hashtags=(f"tag{n}",), published_at=days_ago(3)),
            make_post(
                platform=Platform.X, external_id=str(10**15 + n), hashtags=(f"tag{n}",), published_at=days_ago(2)
            ),
        )
        for n in range(6)
    ]
    capture(alice, *(one for pair in both for one in pair))
    found = get(api, "analytics/lead-lag")
    (pair,) = found["pairs"]
    assert (pair["leader"], pair["follower"], pair["led"], pair["topics"]) == ("youtube", "x", 6, 6)
    assert (pair["medianHours"], pair["enough"], pair["chance"]) == (pytest.approx(24), True, 2 / 64)
    assert [one["hoursAfter"] for one in found["topics"][0]["arrivals"]] == [0, pytest.approx(24)]
    # All of them were seen at the same moment.
    seen = get(api, "analytics/lead-lag?by=seen")
    assert (seen["by"], seen["pairs"][0]["together"], seen["topics"][0]["leader"]) == ("seen", 6, "")


def test_lead_lag_takes_the_first_look_at_which_enough_had_been_reached(
    alice: User, api: Client, capture: Capture
) -> None:
    early = make_post(hashtags=("tag",), views=10, published_at=days_ago(5))
    late = make_post(platform=Platform.X, external_id="1000000000000001", hashtags=("tag",), published_at=days_ago(5))
    capture(alice, early, now=days_ago(4))
    capture(alice, late, now=days_ago(3))
    capture(alice, replace(early, views=1_000), now=days_ago(2))
    (topic,) = get(api, "analytics/lead-lag?by=seen")["topics"]
    assert (topic["leader"], topic["arrivals"][1]["hoursAfter"]) == ("x", pytest.approx(24))


def test_no_more_than_the_newest_five_thousand_are_read(
    alice: User, api: Client, browser: Client, capture: Capture
) -> None:
    for batch in range(25):
        posts = (
            make_post(views=1, author_handle=f"a{batch}-{n}", published_at=days_ago(batch / 5)) for n in range(200)
        )
        capture(alice, *posts)
    capture(alice, make_post(views=10**9, published_at=days_ago(6)), make_post(published_at=days_ago(8)))
    found = get(api, "summary")
    assert (found["considered"], found["cut"], found["all"]["reach"]) == (5_000, True, 5_000)
    assert found["all"]["change"]["trends"] is found["all"]["change"]["reach"] is None
    assert get(api, "analytics/lead-lag")["cut"] is True
    html = browser.get("/trends/analytics/").content.decode()
    assert "The newest 5,000 posts of the period; there are more, so counts are not compared." in html
    assert "5,000+" in html


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_its_owners(report: str, alice: User, stranger: Client, client: Client, capture: Capture) -> None:
    capture(alice, *(make_post(hashtags=("lamp",), author_handle=f"a{n}") for n in range(4)))
    assert get(stranger, report)["considered"] == 0
    assert get(client, report, 401)["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("report", [report for report in REPORTS if "?" not in report])
@pytest.mark.parametrize("query", ["dateRange=2d", "platform=vimeo", "sort=name", "wrong=1", "by=never"])
def test_a_wrong_query_is_refused_by_name(report: str, query: str, api: Client) -> None:
    assert query.partition("=")[0] in get(api, f"{report}?{query}", 400)["details"]


@pytest.mark.parametrize("report", REPORTS)
def test_the_same_queries_for_ten_and_a_hundred_posts(
    report: str, alice: User, api: Client, capture: Capture, django_assert_max_num_queries: Any
) -> None:
    counted = []
    for more in (10, 90):
        posts = (make_post(hashtags=("a1", f"t{n % 9}"), author_handle=f"a{n % 7}") for n in range(more // 2))
        tweets = (
            make_post(platform=Platform.X, external_id=f"{10**15 + more * 100 + n}", hashtags=("a1", f"t{n % 9}"))
            for n in range(more // 2)
        )
        capture(alice, *posts, *tweets)
        get(api, report)
        cache.clear()
        with django_assert_max_num_queries(9) as context:
            get(api, report)
        counted.append(len(context.captured_queries))
        with django_assert_max_num_queries(counted[-1] - 2):
            get(api, report)
    assert counted[0] == counted[1]
