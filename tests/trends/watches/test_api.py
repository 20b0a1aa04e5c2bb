"""Watches through the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.services import issue_key
from kapture.audit.models import AuditEvent
from kapture.jobs.models import Job
from tests.trends.watches.conftest import NOON, VIEWS, look, named, spec
from trends.models import Alert, Mark, Rule, Scrape, Watch, WatchRun
from trends.watches.answers import AlertSerializer, BacktestSerializer, RunSerializer, WatchSerializer
from trends.watches.services import create_watch
from trends.watches.specs import MOST_WATCHES

pytestmark = pytest.mark.django_db
LAMPS = {"name": "Lamps", "keywords": ["lamps", " Lamps ", "desk  light"], "platforms": ["youtube", "reddit"]}
RULE = {"metric": "reach", "atLeast": 1000}


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.APIFY_API_TOKEN = "apify_api_test"


def send(client: Client, method: str, path: str = "", body: Any = None, **headers: str) -> Any:
    return client.generic(
        method, f"/api/trends/watches{path}", "" if body is None else Client()._encode_json(body, "application/json"),
        "application/json", headers=headers,
    )  # fmt: skip


def data(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()["data"]


def error(answer: Any, status: int = 400) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()["error"]


def same_shape(row: Any, serializer: Any) -> bool:
    """Whether an answer has exactly the fields of a serializer, nested ones included."""
    assert set(row) == set(serializer.fields), type(serializer)
    for name, field in serializer.fields.items():
        nested = getattr(field, "child", field)
        if hasattr(nested, "fields"):
            rows = row[name] if isinstance(row[name], list) else [row[name]]
            assert all(same_shape(one, nested) for one in rows)
    return True


class TestKeeping:
    """Making, changing and deleting."""

    def test_a_watch_is_made_with_what_it_takes(self, api: Client, alice: User) -> None:
        filters = {"dateRange": "7d", "minViews": 500, "language": "de"}
        body = {**LAMPS, "everyMinutes": 60, "limit": 30, "filters": filters, "rules": [RULE], "mails": True}
        made = data(send(api, "POST", body=body), 201)
        assert same_shape(made, WatchSerializer())
        assert (made["keywords"], made["platforms"]) == (["lamps", "desk light"], ["youtube", "reddit"])
        assert (made["schedule"], made["monthlyUnits"], made["state"]) == ("Every hour", 1_440, "active")
        assert made["filters"] == filters
        assert made["rules"][0]["record"] == [
            {"hours": hours, "hits": 0, "misses": 0, "hitRate": None} for hours in (24, 72, 168)
        ]
        assert "secret" not in str(made).lower()
        assert data(send(api, "GET", f"/{made['id']}")) == made
        assert data(send(api, "GET")) == [made]
        assert AuditEvent.objects.filter(action="trends.watch_created", actor_id=alice.pk).exists()

    def test_the_same_request_makes_one(self, api: Client) -> None:
        first, second = (send(api, "POST", body=LAMPS, **{"Idempotency-Key": "one"}) for _ in range(2))
        assert data(first, 201)["id"] == data(second, 201)["id"]
        assert Watch.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "x" * 81}, "name"),
            ({"keywords": []}, "keywords"),
            ({"keywords": ["x"] * 11}, "keywords"),
            ({"keywords": ["x" * 101]}, "keywords.0"),
            ({"platforms": []}, "platforms"),
            ({"platforms": ["vimeo"]}, "platforms.0"),
            ({"everyMinutes": 59}, "everyMinutes"),
            ({"cron": "* * * * *"}, "cron"),
            ({"rules": [RULE, RULE]}, "rules"),
            ({"rules": [{**RULE, "atLeast": 0}]}, "rules.0.atLeast"),
            ({"rules": [{**RULE, "metric": "luck"}]}, "rules.0.metric"),
            ({"rules": [{"metric": "score"}]}, "rules.0.atLeast"),
            ({"webhookUrl": "http://169.254.169.254/"}, "webhookUrl"),
            ({"webhookUrl": "https://localhost/"}, "webhookUrl"),
            ({"webhookUrl": "http://example.com/"}, "webhookUrl"),
            ({"filters": {"language": "xx"}}, "filters.language"),
            ({"owner": "bob"}, "owner"),
        ],
    )
    def test_what_cannot_be_kept_is_refused_by_name(self, api: Client, change: Any, field: str) -> None:
        refused = error(send(api, "POST", body={**LAMPS, **change}))
        assert (refused["code"], list(refused["details"])) == ("VALIDATION_ERROR", [field])
        assert not Watch.objects.exists()

    def test_there_are_twenty_at_most(self, api: Client, alice: User, bob: User) -> None:
        for number in range(MOST_WATCHES):
            create_watch(alice, spec(name=str(number)))
        assert error(send(api, "POST", body=LAMPS), 409)["code"] == "CONFLICT"
        create_watch(bob, spec())

    def test_a_change_leaves_the_rest(self, api: Client, watch: Watch) -> None:
        before = data(send(api, "GET", f"/{watch.pk}"))
        rule = Rule.objects.get()
        after = data(send(api, "PATCH", f"/{watch.pk}", {"name": "Lights", "rules": [RULE, {**RULE, "atLeast": 5}]}))
        assert {**after, "name": "Lamps", "rules": before["rules"]} == before
        assert after["rules"][0]["id"] == str(rule.pk)
        rule.refresh_from_db()
        assert rule.updated_at < timezone.now().replace(year=2026, month=1)
        off = data(send(api, "PATCH", f"/{watch.pk}", {"rules": [{**RULE, "isOn": False}]}))
        assert [(one["atLeast"], one["isOn"]) for one in off["rules"]] == [(1000.0, False)]

    @pytest.mark.parametrize(
        ("rule", "field"), [({"metric": "score"}, "atLeast"), ({"atLeast": 5}, "metric"), ({"isOn": False}, "metric")]
    )
    def test_a_changed_rule_is_whole(self, api: Client, watch: Watch, rule: Any, field: str) -> None:
        refused = error(send(api, "PATCH", f"/{watch.pk}", {"name": "Lights", "rules": [RULE, rule]}))
        assert (refused["code"], f"rules.1.{field}" in refused["details"]) == ("VALIDATION_ERROR", True)
        watch.refresh_from_db()
        assert (watch.name, watch.rules.count()) == ("Lamps", 1)

    def test_a_platform_that_is_named_twice_counts_once(self, api: Client) -> None:
        made = data(send(api, "POST", body={**LAMPS, "platforms": ["reddit", "reddit"]}), 201)
        assert (made["platforms"], made["monthlyUnits"]) == (["reddit"], 180)
        assert spec(platforms=("x", "reddit", "x")).platforms == ("x", "reddit")

    def test_a_new_schedule_moves_the_next_run(self, api: Client, watch: Watch) -> None:
        after = data(send(api, "PATCH", f"/{watch.pk}", {"cron": "0 9 * * *"}))
        assert (after["nextRunAt"][11:16], after["schedule"]) == ("09:00", "At 09:00 every day UTC")

    def test_pausing_and_going_on(self, api: Client, watch: Watch) -> None:
        paused = data(send(api, "PATCH", f"/{watch.pk}", {"state": "paused"}))
        assert (paused["state"], paused["nextRunAt"], paused["monthlyUnits"]) == ("paused", None, 0)
        assert data(send(api, "PATCH", f"/{watch.pk}", {"state": "active"}))["nextRunAt"] is not None

    def test_deleting_takes_its_alerts_and_leaves_its_trends(self, api: Client, watch: Watch) -> None:
        look(watch, NOON, {"flash": 5_000})
        assert send(api, "DELETE", f"/{watch.pk}").status_code == 204
        assert (Watch.objects.count(), Alert.objects.count(), WatchRun.objects.count()) == (0, 0, 0)
        assert named("flash").reach == 5_000
        assert Scrape.objects.get().watch_run is None
        assert send(api, "DELETE", f"/{watch.pk}").status_code == 404


class TestCaps:
    """The clock runs watches without a key, so a key with a cap starts nothing that its cap would not bound."""

    @pytest.fixture
    def capped(self, alice: User) -> Client:
        """A program of Alice's that may spend a unit a day."""
        return Client(headers={"Authorization": f"Bearer {issue_key(alice, 'capped', daily_cap=1).secret}"})

    def test_it_makes_no_watch(self, api: Client, capped: Client) -> None:
        refused = error(send(capped, "POST", body=LAMPS), 403)
        assert refused["code"] == "FORBIDDEN"
        assert "key with a daily cap cannot make a watch" in refused["message"]
        assert not Watch.objects.exists()
        data(send(api, "POST", body=LAMPS), 201)

    @pytest.mark.parametrize(
        "change", [{"everyMinutes": 60}, {"cron": "5 9 * * *"}, {"platforms": ["youtube", "x"]}, {"platforms": ["x"]}]
    )
    def test_it_widens_none(self, api: Client, capped: Client, watch: Watch, change: Any) -> None:
        refused = error(send(capped, "PATCH", f"/{watch.pk}", {"name": "Lights", **change}), 403)
        assert (refused["code"], "daily cap" in refused["message"]) == ("FORBIDDEN", True)
        before = (watch.name, watch.platforms, watch.cron, watch.every_minutes, watch.next_run_at)
        watch.refresh_from_db()
        assert (watch.name, watch.platforms, watch.cron, watch.every_minutes, watch.next_run_at) == before
        data(send(api, "PATCH", f"/{watch.pk}", change))

    def test_it_pauses_one_and_does_not_let_it_run_again(self, capped: Client, watch: Watch) -> None:
        assert data(send(capped, "PATCH", f"/{watch.pk}", {"state": "active"}))["state"] == "active"
        assert data(send(capped, "PATCH", f"/{watch.pk}", {"state": "paused"}))["state"] == "paused"
        refused = error(send(capped, "PATCH", f"/{watch.pk}", {"name": "Lights", "state": "active"}), 403)
        assert refused["code"] == "FORBIDDEN"
        watch.refresh_from_db()
        assert (watch.name, watch.state) == ("Lamps", "paused")

    def test_what_takes_no_more_it_changes(self, capped: Client, watch: Watch) -> None:
        change = {"name": "Lights", "keywords": ["lights"], "rules": [], "everyMinutes": 240, "platforms": ["youtube"]}
        assert data(send(capped, "PATCH", f"/{watch.pk}", change))["name"] == "Lights"

    def test_a_run_at_once_is_counted_against_its_cap(self, capped: Client, watch: Watch) -> None:
        data(send(capped, "POST", f"/{watch.pk}/run"), 202)
        WatchRun.objects.update(state="done")
        assert error(send(capped, "POST", f"/{watch.pk}/run"), 403)["code"] == "USAGE_EXCEEDED"
        assert send(capped, "DELETE", f"/{watch.pk}").status_code == 204


class TestRuns:
    """Running, and what became of it."""

    def test_running_now_costs_a_unit_a_platform(self, api: Client, watch: Watch) -> None:
        answer = send(api, "POST", f"/{watch.pk}/run", **{"Idempotency-Key": "run"})
        run = data(answer, 202)
        assert same_shape(run, RunSerializer())
        assert (run["byHand"], run["state"]) == (True, "running")
        assert data(send(api, "POST", f"/{watch.pk}/run", **{"Idempotency-Key": "run"}), 202) == run
        assert Job.objects.count() == 1
        assert error(send(api, "POST", f"/{watch.pk}/run"), 409)["message"] == "This watch is running already."
        assert data(send(api, "GET", f"/{watch.pk}/runs"))[0]["id"] == run["id"]

    def test_alerts_come_with_their_marks(self, api: Client, watch: Watch) -> None:
        look(watch, NOON, {"flash": 5_000, "riser": 1_000})
        Mark.objects.filter(hours=24, alert__trend=named("flash")).update(state="hit", reach=9_000, measured_at=NOON)
        rows = data(send(api, "GET", f"/{watch.pk}/alerts"))
        assert all(same_shape(row, AlertSerializer()) for row in rows)
        flash = next(row for row in rows if row["trendTitle"] == "Lamps of flash")
        assert (flash["metric"], flash["atLeast"], flash["value"]) == ("reach", 1_000.0, 5_000.0)
        assert [(mark["hours"], mark["target"], mark["state"]) for mark in flash["marks"]] == [
            (24, 6_250, "hit"), (72, 7_500, "waiting"), (168, 10_000, "waiting"),
        ]  # fmt: skip
        record = data(send(api, "GET", f"/{watch.pk}"))["rules"][0]["record"]
        assert record[0] == {"hours": 24, "hits": 1, "misses": 0, "hitRate": 1.0}
        named("flash").delete()
        assert len(data(send(api, "GET", f"/{watch.pk}/alerts"))) == 1

    @pytest.mark.parametrize("path", ["", "/runs", "/alerts"])
    def test_somebody_elses_is_not_there(
        self, api_for: Callable[[User], Client], bob: User, watch: Watch, path: str
    ) -> None:
        assert send(api_for(bob), "GET", f"/{watch.pk}{path}").status_code == 404
        assert data(send(api_for(bob), "GET")) == []


class TestAsking:
    """What is told before anything is kept."""

    def test_what_a_schedule_takes(self, api: Client, watch: Watch) -> None:
        body = {"platforms": ["youtube", "tiktok", "youtube"], "everyMinutes": 240}
        answer = send(api, "POST", "/cost", body)
        assert data(answer) == {"runs": 180, "monthlyUnits": 360, "others": 180, "isOver": True}
        assert answer.json()["meta"]["usage"]["type"] == "scrape"
        assert error(send(api, "POST", "/cost", {**body, "cron": "nonsense"}))["details"].keys() == {"cron"}

    def test_a_rule_on_the_posts_of_a_watch(self, api: Client, watch: Watch) -> None:
        now = timezone.now()
        look(watch, now, {"flash": 5_000, "quiet": 10})
        tried = data(send(api, "POST", "/backtest", {"watchId": str(watch.pk), "rule": RULE, "days": 90}))
        assert same_shape(tried, BacktestSerializer())
        assert (tried["considered"], tried["total"], len(tried["days"])) == (2, 1, 90)
        assert tried["days"][-1] == {"date": now.date().isoformat(), "alerts": 1}
        assert tried["claims"][0]["outcomes"] == {"24": "waiting", "72": "waiting", "168": "waiting"}

    def test_a_rule_on_posts_with_one_of_the_words(self, api: Client, watch: Watch, alice: User) -> None:
        look(watch, timezone.now(), {"flash": 5_000, "riser": 3_000, "quiet": 10})
        body = {"keywords": ["flash", "nothing", "quiet"], "platforms": ["youtube"], "rule": RULE}
        tried = data(send(api, "POST", "/backtest", body))
        assert (tried["considered"], [claim["title"] for claim in tried["claims"]]) == (2, ["Lamps of flash"])
        assert data(send(api, "POST", "/backtest", {**body, "platforms": ["x"]}))["considered"] == 0

    def test_one_or_the_other_is_named(self, api: Client, watch: Watch, stranger: Client) -> None:
        assert "watchId" in error(send(api, "POST", "/backtest", {"rule": RULE}))["details"]
        both = {**LAMPS, "watchId": str(watch.pk), "rule": RULE}
        both.pop("name")
        assert "watchId" in error(send(api, "POST", "/backtest", both))["details"]
        body = {"watchId": "00000000-0000-7000-8000-000000000000", "rule": RULE}
        assert send(api, "POST", "/backtest", body).status_code == 404


def test_lists_take_the_same_queries_however_long(api: Client, alice: User, watch: Watch) -> None:
    def counted(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            data(send(api, "GET", f"{path}{'&' if '?' in path else '?'}limit=100"))
        return len(seen.captured_queries)

    paths = ("", f"/{watch.pk}/runs", f"/{watch.pk}/alerts")
    look(watch, NOON, {f"p{number}": 2_000 for number in range(10)})
    for number in range(9):
        WatchRun.objects.create(watch=watch, slot=NOON.replace(hour=13, minute=number), state="done")
    data(send(api, "GET"))  # what is learnt once an hour is known from here on
    few = [counted(path) for path in paths]
    look(watch, NOON.replace(hour=14), {f"q{number}": 2_000 for number in range(90)})
    for number in range(90):
        WatchRun.objects.create(
            watch=watch, slot=NOON.replace(day=3, hour=number // 60, minute=number % 60), state="done"
        )
    for number in range(MOST_WATCHES - 1):
        create_watch(alice, spec(name=str(number), rules=(VIEWS,)))
    assert [counted(path) for path in paths] == few
