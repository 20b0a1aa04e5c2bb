"""The pages of trends: what they show, what they do without scripts, and what they keep from strangers."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing.models import UsagePeriod
from kapture.core.choices import Platform
from kapture.core.ids import new_id
from kapture.gateways.scraping import ContentType
from kapture.jobs.models import Job
from kapture.jobs.runner import run_job
from kapture.sandbox.control import Control
from tests.trends.conftest import Capture, make_post
from trends.explain import explain, rating_of
from trends.models import Scrape, Trend

pytestmark = pytest.mark.django_db
MISSING = "01900000-0000-7000-8000-000000000000"
HTMX = {"HX-Request": "true"}
NASTY = "<script>alert(1)</script>\"' {{ 7|add:7 }}"


def page(client: Client, path: str = "", status: int = 200, headers: dict[str, str] | None = None) -> str:
    answer = client.get(f"/trends/{path}", headers=headers)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def pk_of(title: str) -> Any:
    return Trend.objects.values_list("pk", flat=True).get(title=title)


def test_an_empty_list_offers_the_first_search(browser: Client) -> None:
    html = page(browser)
    assert "No trends yet" in html
    assert 'name="keywords"' in html
    assert 'id="trends-filter"' not in html


def test_the_list_shows_cards_that_link_to_their_trend(alice: User, browser: Client, capture: Capture) -> None:
    capture(alice, *(make_post(title=f"Lamp {n}", views=1_000 * n) for n in range(1, 5)))
    html = page(browser, "?sort=-views")
    assert html.index("Lamp 4") < html.index("Lamp 1")
    assert f'href="/trends/{pk_of("Lamp 4")}/"' in html
    assert "4 captured" in html
    assert "Times the author’s usual" in html


def test_a_post_of_an_unknown_author_is_not_said_to_beat_the_author(
    alice: User, browser: Client, capture: Capture
) -> None:
    capture(alice, *(make_post(author_handle=f"a{n}", views=n) for n in range(1, 5)))
    html = page(browser)
    assert "Times the usual on YouTube" in html
    assert "Times the author’s usual" not in html


def test_a_post_without_title_is_shown_by_its_first_sentence(alice: User, browser: Client, capture: Capture) -> None:
    text = "Replies now outweigh saves in the first hour. Tested on six accounts.\nMore below."
    capture(alice, make_post(platform=Platform.X, title="", text=text, content_type=ContentType.TEXT))
    html = page(browser)
    assert "Replies now outweigh saves in the first hour.</a>" in html
    assert "Tested on six accounts." in html


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?platform=youtube", {"Video"}),
        ("?platform=youtube&platform=reddit", {"Video", "Thread"}),
        ("?q=thre", {"Thread"}),
        ("?type=text", {"Thread"}),
        ("?reach=1000", {"Video"}),
        ("?period=1d", {"Video"}),
        ("?hashtag=lamp", {"Video"}),
        ("?author=mara", {"Thread"}),
        (
            "?platform=vimeo&type=song&period=9y&reach=-4&sort=password&language=xx&scrape=5&cursor=%00&page=x",
            {"Video", "Thread"},
        ),
        ("?q=" + "x" * 300, {"Video", "Thread"}),
        ("?q=%00", {"Video", "Thread"}),
    ],
)
def test_filters_of_the_address(alice: User, browser: Client, capture: Capture, query: str, shown: set[str]) -> None:
    capture(
        alice,
        make_post(title="Video", hashtags=("lamp",), published_at=timezone.now() - timedelta(hours=3)),
        make_post(
            platform=Platform.REDDIT, external_id="1ab2c3", title="Thread", content_type=ContentType.TEXT, views=None,
            likes=5, author_handle="mara", published_at=timezone.now() - timedelta(days=3),
        ),
    )  # fmt: skip
    html = page(browser, query)
    assert {title for title in ("Video", "Thread") if f">{title}</a>" in html} == shown


def test_filters_outside_the_bar_are_chips_that_can_be_taken_away(
    alice: User, browser: Client, capture: Capture
) -> None:
    capture(alice, make_post(hashtags=("lamp",)))
    html = page(browser, "?hashtag=lamp&platform=youtube&q=lamp")
    assert 'href="/trends/?platform=youtube&amp;q=lamp"' in html
    assert '<input type="hidden" form="trends-filter" name="hashtag" value="lamp">' in html


def test_no_match_offers_to_search_for_it(alice: User, browser: Client, capture: Capture) -> None:
    capture(alice, make_post())
    html = page(browser, "?q=neon+signs")
    assert "No trend matches" in html
    assert "/trends/scrape/?keywords=neon%20signs" in html


def test_htmx_gets_the_list_alone_and_a_clean_address(alice: User, browser: Client, capture: Capture) -> None:
    capture(alice, make_post())
    answer = browser.get("/trends/?q=&period=&platform=youtube&sort=-views", headers=HTMX)
    assert answer.content.decode().lstrip().startswith('<section id="trends"')
    assert answer["HX-Push-Url"] == "/trends/?platform=youtube&sort=-views"


def test_more_cards_come_by_cursor_until_there_are_none(alice: User, browser: Client, capture: Capture) -> None:
    capture(alice, *(make_post(title=f"Lamp {n:03}") for n in range(30)))
    html = page(browser, "?sort=-scrapedAt")
    address = html.split('id="trends-more"')[1].split('href="/trends/')[1].split('"')[0].replace("&amp;", "&")
    rest = page(browser, address, headers={**HTMX, "HX-Target": "trends-more"})
    assert (html.count("<article"), rest.count("<article")) == (24, 6)
    assert 'id="trends-more"' not in rest
    assert "Back to the first" in page(browser, address)


def test_the_same_queries_for_ten_and_a_hundred_trends(
    alice: User, browser: Client, capture: Capture, django_assert_max_num_queries: Any
) -> None:
    counted = []
    for more in (10, 90):
        capture(alice, *(make_post(author_handle=f"a{n % 7}") for n in range(more)))
        page(browser)
        with django_assert_max_num_queries(16) as context:
            page(browser)
        counted.append(len(context.captured_queries))
    assert counted[0] == counted[1]


def test_scraped_text_is_only_ever_text(alice: User, browser: Client, capture: Capture) -> None:
    facts = dict.fromkeys(("title", "text", "author_name", "author_handle", "community", "language"), NASTY)
    facts["language"] = "x"
    capture(
        alice, make_post(**facts, hashtags=("a'b",), author_url="https://example.com/?a=<script>"), make_post(**facts)
    )
    for html in (page(browser), page(browser, f"{Trend.objects.order_by('pk').values_list('pk', flat=True)[0]}/")):
        assert "<script>alert" not in html
        assert "{{ 7" in html
        assert "&lt;script&gt;alert(1)" in html


class TestDetail:
    """The page of one trend."""

    def test_it_shows_facts_and_the_arithmetic(self, alice: User, browser: Client, capture: Capture) -> None:
        capture(alice, *(make_post(views=1_000) for _ in range(4)), make_post(title="Hit", views=9_000, duration_s=65))
        html = page(browser, f"{pk_of('Hit')}/")
        for words in (
            "9.0×",
            "Median of 5 by this author when 12.0 to 48.0 hours old",
            "9,000 ÷ 1,000",
            "5 ÷ (5 + 3)",
            "1:05",
            "More by Lampe",
        ):
            assert words in html

    def test_its_arithmetic_is_that_of_the_stored_score(self, alice: User, capture: Capture) -> None:
        capture(alice, *(make_post(views=1_000 + n) for n in range(4)), make_post(title="Hit", views=9_876))
        trend = Trend.objects.get(title="Hit")
        rating = rating_of(trend)
        assert (rating.score, rating.multiple, rating.velocity) == (trend.score, trend.multiple, trend.velocity)
        steps = {step.name: step for step in explain(trend)}
        factors = [float(part) for part in steps["Score"].how.replace(",", "").split(" × ")]
        assert round(factors[0] * factors[1] * factors[2], 3) == trend.score

    def test_a_history_is_drawn_from_two_measurements_on(self, alice: User, browser: Client, capture: Capture) -> None:
        capture(alice, make_post(title="Hit", external_id="vid_00000_a", views=10))
        assert "One measurement so far" in page(browser, f"{pk_of('Hit')}/")
        capture(alice, make_post(title="Hit", external_id="vid_00000_a", views=30))
        html = page(browser, f"{pk_of('Hit')}/")
        assert "Views at each look" in html
        assert "<svg" in html

    def test_a_post_that_tells_little_is_shown_all_the_same(
        self, alice: User, browser: Client, capture: Capture
    ) -> None:
        bare = make_post(
            title="", author_handle="", author_name="", published_at=None, views=None, likes=None, comments=None
        )
        capture(alice, bare)
        html = page(browser, f"{Trend.objects.get().pk}/")
        assert "YouTube post" in html
        assert "Unknown" in html

    def test_what_belongs_to_somebody_else_looks_like_nothing(
        self, alice: User, stranger: Client, capture: Capture
    ) -> None:
        capture(alice, make_post(title="Hit"))
        assert "Hit" not in page(stranger)
        theirs, missing = page(stranger, f"{pk_of('Hit')}/", 404), page(stranger, f"{new_id()}/", 404)
        assert "Hit" not in theirs
        assert len(theirs) == len(missing)


class TestScrape:
    """Asking for a search."""

    def test_it_is_asked_for_without_scripts(self, alice: User, browser: Client, apify: Control) -> None:
        answer = browser.post(
            "/trends/scrape/", {"keywords": "lamps, desk", "platforms": ["youtube", "x"], "limit": "5"}
        )
        assert (answer.status_code, answer["Location"]) == (302, "/trends/")
        assert sorted(Scrape.objects.values_list("platform", "limit")) == [("x", 5), ("youtube", 5)]
        html = page(browser)
        assert "Your first search is running" in html
        assert html.count('class="card job"') == 2

    def test_a_dialog_over_no_known_page_leads_to_the_list(self, browser: Client, apify: Control) -> None:
        nowhere = {**HTMX, "HX-Current-URL": "http://["}
        form = {"keywords": "lamps", "platforms": ["x"], "limit": "5"}
        assert browser.post("/trends/scrape/", form, headers=nowhere)["HX-Redirect"] == "/trends/"

    def test_a_dialog_closes_itself_on_the_list(self, browser: Client, apify: Control) -> None:
        here = {**HTMX, "HX-Current-URL": "http://testserver/trends/?q=a"}
        answer = browser.post("/trends/scrape/", {"keywords": "lamps", "platforms": ["x"], "limit": "5"}, headers=here)
        assert (answer.status_code, answer.content) == (200, b"")
        assert {"close-modal", "rows-changed", "toast"} <= set(answer.headers["HX-Trigger"].split('"'))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"keywords": ""}, {"keywords": ",".join(f"k{n}" for n in range(11))}, {"keywords": "x" * 101},
            {"keywords": "a\0b"}, {"platforms": []}, {"platforms": ["vimeo"]}, {"limit": "0"}, {"limit": "101"},
            {"limit": ""}, {"min_views": "-1"}, {"min_views": "9" * 30}, {"date_range": "2d"}, {"language": "xx"},
        ],
    )  # fmt: skip
    def test_a_wrong_form_comes_back(self, browser: Client, apify: Control, wrong: dict[str, Any]) -> None:
        answer = browser.post("/trends/scrape/", {"keywords": "lamps", "platforms": ["x"], "limit": "5", **wrong})
        assert answer.status_code == 422
        assert b"field-error" in answer.content or b"error-summary" in answer.content
        assert Scrape.objects.count() == 0

    def test_a_limit_is_told_in_the_dialog_and_on_a_page(self, alice: User, browser: Client, apify: Control) -> None:
        form = {"keywords": "lamps", "platforms": ["x"], "limit": "5"}
        browser.post("/trends/scrape/", form)
        UsagePeriod.objects.filter(user=alice).update(limit=1)
        dialog = browser.post("/trends/scrape/", form, headers=HTMX)
        assert (dialog.status_code, b"You have reached a limit" in dialog.content) == (422, True)
        whole = browser.post("/trends/scrape/", form)
        assert (whole.status_code, b"/usage/plans/" in whole.content) == (403, True)

    def test_the_cost_follows_the_form(self, alice: User, browser: Client, apify: Control) -> None:
        browser.post("/trends/scrape/", {"keywords": "lamps", "platforms": ["x"], "limit": "5"})
        html = page(browser, "scrape/cost/?keywords=lamps,desk&platforms=x&platforms=reddit", headers=HTMX)
        assert "Costs 2 scrapes, 19 of 20 left" in html
        assert "Last search with one of these words: X" in html
        assert "One scrape for each platform" in page(browser, "scrape/cost/?limit=x&keywords=%00", headers=HTMX)

    def test_words_can_be_given_in_the_address(self, browser: Client) -> None:
        assert 'value="neon signs"' in page(browser, "scrape/?keywords=neon+signs")


@pytest.mark.django_db(transaction=True)
def test_a_reader_is_told_of_new_trends_without_moving_the_list(alice: User, browser: Client, apify: Control) -> None:
    before = timezone.now()
    browser.post("/trends/scrape/", {"keywords": "lamps", "platforms": ["x"], "limit": "5"})
    assert 'class="card job"' in page(browser, "status/", headers=HTMX)
    run_job(Job.objects.get().pk)
    html = page(browser, f"status/?since={before.isoformat().replace('+', '%2B')}", headers=HTMX)
    assert f"{Trend.objects.count()} new, show" in html
    for nonsense in ("yesterday", "2024-13-01T00:00:00Z", "%00"):
        assert "new, show" not in page(browser, f"status/?since={nonsense}", headers=HTMX)
    assert browser.get("/trends/?first=1", headers=HTMX)["HX-Refresh"] == "true"


@pytest.mark.django_db(transaction=True)
def test_a_failed_scrape_stays_in_sight_with_its_remedy(alice: User, browser: Client, apify: Control) -> None:
    apify.fault("status", "POST /v2/actors/*/runs", status=402)
    browser.post("/trends/scrape/", {"keywords": "lamps", "platforms": ["x"], "limit": "5"})
    run_job(Job.objects.get().pk)
    html = page(browser, "status/", headers=HTMX)
    assert "The credit at Apify is used up." in html
    assert "add credit at Apify" in html


class TestBulk:
    """Acting on ticked trends."""

    @pytest.fixture
    def ids(self, alice: User, capture: Capture) -> list[str]:
        capture(alice, *(make_post(title=f"Lamp {n}") for n in range(3)))
        return [str(pk) for pk in Trend.objects.values_list("pk", flat=True)]

    def test_a_download_names_its_cost_and_posts_to_downloads(self, browser: Client, ids: list[str]) -> None:
        html = browser.post("/trends/bulk/", {"ids": ids, "action": "download"}, headers=HTMX).content.decode()
        assert "Costs 3 downloads" in html
        assert 'action="/downloads/bulk/"' in html
        assert all(f'name="trend" value="{pk}"' in html for pk in ids)

    def test_a_board_is_drafted_from_them(self, browser: Client, ids: list[str]) -> None:
        answer = browser.post("/trends/bulk/", {"ids": ids, "action": "board"})
        assert answer.status_code == 302
        assert answer["Location"].startswith("/ideaboards/draft/?trend=")
        assert answer["Location"].count("trend=") == 3

    @pytest.mark.parametrize(
        "data", [{}, {"ids": ["x", "\0"]}, {"ids": [str(new_id())], "action": "delete"}, {"action": "x"}]
    )
    def test_nothing_chosen_is_refused(self, browser: Client, ids: list[str], data: dict[str, Any]) -> None:
        assert browser.post("/trends/bulk/", data).status_code == 400

    def test_an_unknown_action_is_refused(self, browser: Client, ids: list[str]) -> None:
        assert browser.post("/trends/bulk/", {"ids": ids, "action": "sell"}).status_code == 400

    def test_strangers_change_nothing(self, stranger: Client, ids: list[str]) -> None:
        assert stranger.post("/trends/bulk/", {"ids": ids, "action": "delete"}).status_code == 400
        assert Trend.objects.filter(trashed_at=None).count() == 3


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""), ("get", "status/"), ("get", "scrape/"), ("post", "scrape/"), ("get", "scrape/cost/"),
        ("post", "bulk/"), ("get", f"{MISSING}/"),
    ],
)  # fmt: skip
def test_every_page_is_behind_sign_in(client: Client, method: str, path: str) -> None:
    answer = getattr(client, method)(f"/trends/{path}")
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")
