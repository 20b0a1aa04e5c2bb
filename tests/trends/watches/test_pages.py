"""The watch pages, with and without scripts."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing.models import Plan
from tests.trends.watches.conftest import NOON, look, spec
from trends.models import Mark, Metric, Watch, WatchRun
from trends.watches.services import create_watch
from trends.watches.specs import MOST_WATCHES, RuleSpec

pytestmark = pytest.mark.django_db
HOME = "/trends/watches/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.APIFY_API_TOKEN = "apify_api_test"


def filled(**changes: Any) -> dict[str, Any]:
    """What a browser sends for a filled form."""
    return {
        "name": "Lamps", "keywords": "lamps, desk light", "platforms": ["youtube", "tiktok"], "every_minutes": "240",
        "cron": "", "limit": "20", "date_range": "7d", "min_views": "", "language": "", "webhook_url": "",
        "rules-TOTAL_FORMS": "3", "rules-INITIAL_FORMS": "0",
        "rules-0-metric": "multiple", "rules-0-at_least": "3", "rules-0-is_on": "on",
        "rules-1-metric": "velocity", "rules-1-at_least": "",
        "rules-2-metric": "score", "rules-2-at_least": "5", **changes,
    }  # fmt: skip


def text(client: Client, path: str, status: int = 200, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


class TestList:
    """All watches."""

    def test_without_any_it_says_what_they_are_for(self, browser: Client) -> None:
        page = text(browser, HOME)
        assert "Nothing is watched yet" in page
        assert "/trends/watches/new/" in page

    def test_each_says_when_it_runs_what_it_takes_and_how_often_it_was_right(
        self, browser: Client, watch: Watch
    ) -> None:
        look(watch, NOON, {"flash": 5_000, "riser": 3_000})
        Mark.objects.filter(hours=24).update(state="hit", reach=9_000, measured_at=NOON + timedelta(hours=24))
        Mark.objects.filter(hours=72).update(state="miss", reach=9, measured_at=NOON + timedelta(hours=72))
        page = text(browser, HOME)
        for words in ("Lamps", "Every 4 hours", "180 a month", "<strong>50%</strong>", "of 4", "2 new"):
            assert words in page
        assert "more scrapes than your plan" in page

    def test_opening_the_results_makes_them_seen(self, browser: Client, watch: Watch) -> None:
        look(watch, NOON, {"flash": 5_000})
        answer = browser.get(f"{HOME}{watch.pk}/results/")
        assert answer["Location"] == f"/trends/?watch={watch.pk}&sort=-scrapedAt"
        assert "1 new" not in text(browser, HOME)

    def test_what_a_browser_fetches_ahead_is_not_seen(self, browser: Client, watch: Watch) -> None:
        look(watch, NOON, {"flash": 5_000})
        path = f"{HOME}{watch.pk}/results/"
        for headers in ({"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}):
            assert browser.get(path, headers=headers).status_code == 302
        assert browser.head(path).status_code == 302
        assert "1 new" in text(browser, HOME)

    def test_it_takes_the_same_queries_however_long(self, browser: Client, alice: User, watch: Watch) -> None:
        def counted() -> int:
            with CaptureQueriesContext(connection) as seen:
                text(browser, HOME)
            return len(seen.captured_queries)

        counted()
        few = counted()
        for number in range(MOST_WATCHES - 1):
            create_watch(alice, spec(name=str(number)))
        assert counted() == few


class TestEditor:
    """Making and changing."""

    def test_a_watch_is_made(self, browser: Client, alice: User) -> None:
        page = text(browser, f"{HOME}new/")
        assert "180 of your 50 scrapes a month" in page.replace(str(Plan.objects.get(is_default=True).scrapes), "50")
        answer = browser.post(f"{HOME}new/", filled())
        made = Watch.objects.get(owner=alice)
        assert answer["Location"] == f"{HOME}{made.pk}/"
        assert (made.keywords, made.platforms, made.date_range) == (
            ["lamps", "desk light"],
            ["youtube", "tiktok"],
            "7d",
        )
        assert [(one.metric, one.at_least, one.is_on) for one in made.rules.all()] == [
            ("multiple", 3.0, True), ("score", 5.0, False),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"name": ""}, "This field is required"),
            ({"platforms": []}, "Choose at least one."),
            ({"cron": "* * * * *"}, "At most once an hour"),
            ({"webhook_url": "http://10.0.0.1/"}, "inside a private network"),
            ({"webhook_url": "http://example.com/"}, "https:// only"),
            ({"every_minutes": "5"}, "not one of the available choices"),
            ({"rules-1-metric": "multiple", "rules-1-at_least": "3"}, "Two rules say the same."),
            ({"rules-0-at_least": "-3"}, "greater than or equal to"),
            ({"rules-TOTAL_FORMS": "x"}, "ManagementForm"),
        ],
    )
    def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(
        self, browser: Client, changes: dict[str, Any], words: str
    ) -> None:
        answer = browser.post(f"{HOME}new/", filled(**changes))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page
        assert "desk light" in page
        assert not Watch.objects.exists()

    def test_the_twenty_first_is_refused_in_the_form(self, browser: Client, alice: User) -> None:
        for number in range(MOST_WATCHES):
            create_watch(alice, spec(name=str(number)))
        answer = browser.post(f"{HOME}new/", filled())
        assert answer.status_code == 422
        assert "which is the most there can be" in answer.content.decode()

    def test_a_watch_is_changed(self, browser: Client, watch: Watch) -> None:
        Watch.objects.update(every_minutes=90)
        page = text(browser, f"{HOME}{watch.pk}/edit/")
        assert 'value="90" selected' in page
        assert 'value="1000"' in page
        browser.post(f"{HOME}{watch.pk}/edit/", filled(name="Lights", every_minutes="90"))
        watch.refresh_from_db()
        assert (watch.name, watch.every_minutes, watch.rules.count()) == ("Lights", 90, 2)

    def test_what_it_takes_is_told_while_it_is_typed(self, browser: Client, watch: Watch) -> None:
        def told(**changes: Any) -> str:
            answer = browser.get(f"{HOME}cost/", filled(**changes), headers=HTMX)
            return " ".join(answer.content.decode().split())

        Plan.objects.filter(is_default=True).update(scrapes=500)
        assert "<strong>360 of your 500 scrapes a month</strong>" in told()
        assert "Your other watches take 180." in told()
        assert "All watches together need more than your plan gives" in told()
        assert "Your other watches" not in told(watch=str(watch.pk))
        twice = told(platforms=["youtube", "youtube", "reddit"])
        assert "<strong>360 of your 500 scrapes a month</strong>" in twice
        assert "<strong>44 of your 500 scrapes a month</strong>" in told(cron="0 9 * * 1-5") or "42 of" in told(
            cron="0 9 * * 1-5"
        )
        assert "Choose platforms and a schedule" in told(cron="nonsense")
        assert "Choose platforms and a schedule" in told(platforms=[])
        assert browser.get(f"{HOME}cost/", {"watch": "x"}).status_code == 404

    def test_rules_are_tried_before_they_are_kept(self, browser: Client, watch: Watch) -> None:
        look(watch, timezone.now(), {"flash": 5_000, "quiet": 10})
        query = filled(
            watch=str(watch.pk), **{"rules-0-metric": "reach", "rules-0-at_least": "4000", "rules-2-at_least": "9999"}
        )
        fragment = browser.get(f"{HOME}backtest/", query, headers=HTMX).content.decode()
        assert "<html" not in fragment
        page = browser.get(f"{HOME}backtest/", {**query, "days": "90"}).content.decode()
        posted = browser.post(f"{HOME}backtest/", query).content.decode()
        for shown, days in ((fragment, 30), (page, 90), (posted, 30)):
            words = " ".join(shown.split())
            assert f"1 alert in the last {days} days" in words
            assert f"no alert in the last {days} days" in words
            assert "Lamps of flash" in words
            assert "Alerts a day" in words
        assert "Give a rule a value" in browser.get(f"{HOME}backtest/", headers=HTMX).content.decode()


class TestWatch:
    """One watch."""

    def test_it_shows_its_alerts_with_their_marks_and_its_runs(
        self, browser: Client, alice: User, watch: Watch
    ) -> None:
        look(watch, NOON, {"flash": 5_000})
        Mark.objects.filter(hours=24).update(state="hit", reach=9_000, measured_at=NOON + timedelta(hours=24))
        WatchRun.objects.create(watch=watch, slot=NOON + timedelta(hours=4), state="skipped", note="None is left.")
        page = text(browser, f"{HOME}{watch.pk}/")
        for words in (
            "Lamps of flash",
            "Views 5,000",
            "Hit",
            "9K",
            "None is left.",
            "1 found, 1 new",
            "Views of 1,000",
        ):
            assert words in page, words
        assert watch.webhook_secret not in page

    @pytest.mark.parametrize(("rules", "words"), [((), "No rules"), ((RuleSpec(Metric.SCORE, 5),), "No alert so far")])
    def test_without_alerts_it_says_why(self, browser: Client, alice: User, rules: Any, words: str) -> None:
        made = create_watch(alice, spec(rules=rules))
        assert words in text(browser, f"{HOME}{made.pk}/")

    def test_its_buttons(self, browser: Client, watch: Watch) -> None:
        assert browser.post(f"{HOME}{watch.pk}/state/", {"state": "paused", "from": "list"})["Location"] == HOME
        watch.refresh_from_db()
        assert (watch.state, watch.next_run_at) == ("paused", None)
        assert "Paused" in text(browser, HOME)
        assert browser.post(f"{HOME}{watch.pk}/state/", {"state": "gone"}).status_code == 400
        browser.post(f"{HOME}{watch.pk}/state/", {"state": "active"})
        for _ in range(2):
            browser.post(f"{HOME}{watch.pk}/run/", {"once": "o" * 32})
        assert WatchRun.objects.get().by_hand
        assert browser.post(f"{HOME}{watch.pk}/run/").status_code == 409
        assert browser.post(f"{HOME}{watch.pk}/delete/")["Location"] == HOME
        assert not Watch.objects.exists()

    def test_somebody_elses_is_not_there(self, stranger: Client, watch: Watch) -> None:
        for path in ("", "edit/", "results/"):
            text(stranger, f"{HOME}{watch.pk}/{path}", 404)
        for path in ("state/", "run/", "delete/"):
            assert stranger.post(f"{HOME}{watch.pk}/{path}", {"state": "paused"}).status_code == 404
        assert stranger.get(f"{HOME}cost/", {"watch": str(watch.pk)}).status_code == 404
        assert Watch.objects.get().state == "active"

    def test_its_pages_take_the_same_queries_however_many_alerts(self, browser: Client, watch: Watch) -> None:
        def counted() -> int:
            with CaptureQueriesContext(connection) as seen:
                text(browser, f"{HOME}{watch.pk}/")
            return len(seen.captured_queries)

        look(watch, NOON, {f"p{number}": 2_000 for number in range(10)})
        counted()
        few = counted()
        look(watch, NOON + timedelta(hours=4), {f"q{number}": 2_000 for number in range(90)})
        assert counted() == few


def test_staff_read_watches_and_change_nothing(alice: User, staff: User, watch: Watch) -> None:
    look(watch, NOON, {"flash": 5_000})
    client = Client()
    client.force_login(staff)
    rule, alert = watch.rules.get(), watch.rules.get().alerts.get()
    rows = [watch, watch.runs.get(), watch.met.get(), rule, alert, alert.marks.get(hours=24)]
    for row in rows:
        path = f"/admin/trends/{row._meta.model_name}/"
        assert client.get(f"{path}?q=a").status_code == 200
        page = client.get(f"{path}{row.pk}/change/")
        assert page.status_code == 200
        assert watch.webhook_secret not in page.content.decode()
        assert client.post(f"{path}{row.pk}/change/", {"owner": ""}).status_code == 403
        assert client.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert client.get(f"{path}add/").status_code == 403
