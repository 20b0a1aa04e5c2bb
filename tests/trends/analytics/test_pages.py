"""The page of analytics as browsers get it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kapture.core.choices import Platform
from kapture.gateways.scraping import DatePrecision
from tests.trends.conftest import Capture, make_post
from trends.models import Trend

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "analytics"}


def page(client: Client, query: str = "", **more: Any) -> str:
    answer = client.get(f"/trends/analytics/{query}", **more)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def days_ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def tweet(number: int, **facts: Any) -> Any:
    return make_post(platform=Platform.X, external_id=f"{10**15 + number}", author_handle=f"x{number % 3}", **facts)


@pytest.fixture
def busy(alice: User, capture: Capture) -> None:
    """Six topics that YouTube had a day before X, and twenty posts of the week before."""
    for n in range(6):
        tags = (f"tag{n}", "kites")
        capture(
            alice,
            make_post(title=f"Kite number {n}", hashtags=tags, published_at=days_ago(3)),
            tweet(n, hashtags=tags, published_at=days_ago(2)),
        )
    capture(alice, *(make_post(hashtags=("lamps",), published_at=days_ago(9)) for _ in range(20)))


def test_without_trends_it_says_what_to_do(browser: Client) -> None:
    html = page(browser)
    assert "Nothing to add up yet" in html
    assert 'href="/trends/scrape/"' in html
    assert '<svg class="chart-svg"' not in html


def test_a_period_without_posts_offers_a_longer_one(alice: User, browser: Client, capture: Capture) -> None:
    capture(alice, make_post(published_at=days_ago(20)))
    html = page(browser)
    assert "Nothing of the past week" in html
    assert "None of your trends was published in that time." in html
    assert 'href="/trends/analytics/?period=30d"' in html
    assert "None of your trends on TikTok" in page(browser, "?platform=tiktok")
    assert "One post of the past month." in page(browser, "?period=30d")


def test_with_too_little_each_card_says_what_is_missing(alice: User, browser: Client, capture: Capture) -> None:
    capture(alice, make_post(hashtags=("lamp",), author_handle="", author_name=""))
    html = page(browser)
    assert "A hashtag is compared once three posts by two authors carry it" in html
    assert "No author is known" in html
    assert "It takes a hashtag that is new on two platforms" in html
    assert "Nothing to compare with" in html


@pytest.mark.usefixtures("busy")
class TestReports:
    """A week with something to say."""

    def test_it_shows_figures_plots_and_their_tables(self, browser: Client) -> None:
        html = page(browser)
        assert "All 12 posts published in the past week." in html
        assert html.count("<h1>") == 1
        assert html.count("View as table") == 3
        for heading in ("Posts by platform", "Reach by platform", "Rising hashtags", "Authors", "Who shows it first"):
            assert heading in html
        assert "-40%" in html

    def test_it_leads_on_into_the_list(self, browser: Client) -> None:
        html = page(browser)
        for address in (
            "/trends/?hashtag=kites&amp;period=7d",
            "/trends/?platform=youtube&amp;author=lampe&amp;period=7d",
            "/trends/?platform=x&amp;period=7d",
        ):
            assert f'href="{address}"' in html
            assert browser.get(address.replace("&amp;", "&")).status_code == 200
        best = Trend.objects.filter(platform="youtube", title__startswith="Kite").order_by("-score", "-reach", "-id")[0]
        assert f'href="/trends/{best.pk}/"' in html
        assert best.title in html

    def test_it_says_who_leads_and_how_sure_that_is(self, browser: Client) -> None:
        html = page(browser)
        assert "YouTube before X in 7 of 7 topics, by a median of 24 h." in html
        assert "analytics-sure" in html
        assert "too near" not in html
        assert "When first seen depends on how often you search." in page(browser, "?by=seen")

    def test_what_is_left_out_is_said(self, alice: User, browser: Client, capture: Capture) -> None:
        capture(
            alice,
            tweet(90, hashtags=("lamps",), published_at=days_ago(1)),
            make_post(hashtags=("lamps",), published_at=days_ago(1)),
            make_post(hashtags=("tag1",), published_at=days_ago(1), published_precision=DatePrecision.RELATIVE),
        )
        html = page(browser)
        assert "Left out: 1 post whose time is not known to the day and 1 topic that a platform had before" in html

    def test_htmx_gets_the_reports_alone(self, browser: Client) -> None:
        html = page(browser, "?period=30d", headers=HTMX)
        assert html.lstrip().startswith('<section id="analytics"')
        assert "<html" not in html

    def test_every_choice_is_a_link_that_keeps_the_others(self, browser: Client) -> None:
        html = page(browser, "?period=30d&platform=x&hashtags=-reach&authors=-multiple&by=seen")
        for address in ("?platform=x&amp;hashtags=-reach&amp;authors=-multiple&amp;by=seen", "platform=youtube"):
            assert address in html
        assert page(browser, "?period=30d&platform=x", headers=HTMX).count('aria-current="true"') == 5

    @pytest.mark.parametrize("query", ["?period=9d", "?platform=vimeo&by=x", "?hashtags=%00", "?authors=rise&page=x"])
    def test_nonsense_counts_as_nothing(self, browser: Client, query: str) -> None:
        assert "All 12 posts published in the past week." in page(browser, query)

    def test_a_day_is_plotted_by_the_hour(self, alice: User, browser: Client, capture: Capture) -> None:
        capture(alice, make_post(published_at=days_ago(0.1)), make_post(published_at=days_ago(0.2)))
        html = page(browser, "?period=1d")
        assert "Hour up to" in html
        assert "All 2 posts published in the past day." in html

    def test_a_stranger_sees_nothing_of_it(self, stranger: Client) -> None:
        assert "Nothing to add up yet" in page(stranger)

    def test_a_deleted_best_post_is_no_link(self, alice: User, browser: Client) -> None:
        page(browser)
        Trend.objects.filter(owner=alice).update(trashed_at=timezone.now())
        assert 'href="/trends/0' not in page(browser)


def test_who_is_signed_out_is_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/trends/analytics/").status_code == 302


def test_the_same_queries_for_ten_and_a_hundred_posts(
    alice: User, browser: Client, capture: Capture, django_assert_max_num_queries: Any
) -> None:
    counted = []
    for more in (10, 90):
        posts = (make_post(hashtags=("a1", f"t{n % 9}"), author_handle=f"a{n % 7}") for n in range(more // 2))
        capture(alice, *posts, *(tweet(more * 100 + n, hashtags=("a1", f"t{n % 9}")) for n in range(more // 2)))
        page(browser)
        cache.clear()
        with django_assert_max_num_queries(20) as context:
            page(browser, "?by=seen")
        counted.append(len(context.captured_queries))
    assert counted[0] == counted[1]


def test_scraped_text_is_only_ever_text(alice: User, browser: Client, capture: Capture) -> None:
    nasty = "</script><script>alert(1)</script>{{ 7|add:7 }}\"'"
    capture(alice, *(make_post(title=nasty, author_name=nasty, author_handle="", hashtags=("a",)) for _ in range(3)))
    html = page(browser)
    assert "<script>alert" not in html
    assert "{{ 7" in html
