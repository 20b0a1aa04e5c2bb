"""The start page tells what is in the rows, all of it and nothing else, at a fixed number of queries."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing.models import Subscription
from billing.queries import plan_of
from billing.services import reserve
from downloads.models import Download
from ideaboards.models import Generation
from kapture.core.choices import Platform, UsageKind
from kapture.core.ids import new_id
from kapture.jobs.models import Job, State
from kapture.overview.page import change, greeting
from kapture.overview.reads import Pace
from tests.overview.conftest import board, download, job, scrape, trend

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def look(client: Client) -> Any:
    return client.get("/").context["page"]


def figures(client: Client) -> dict[str, tuple[str, str, str]]:
    return {figure.label: (figure.value, figure.delta, figure.trend) for figure in look(client).figures}


def test_somebody_new_is_shown_three_steps_and_one_of_them_first(browser: Client) -> None:
    response = browser.get("/")
    page = response.context["page"]
    assert [(step.title, step.done, step.next) for step in page.steps] == [
        ("Scrape", False, True),
        ("Download", False, False),
        ("Draft", False, False),
    ]
    assert page.figures == []
    assert response.content.decode().count("button-primary") == 1


def test_steps_are_ticked_as_they_are_done_and_then_go(browser: Client, alice: User, now: datetime) -> None:
    trend(alice, now)
    assert [step.done for step in look(browser).steps] == [True, False, False]
    assert [step.next for step in look(browser).steps] == [False, True, False]
    download(alice, "completed", now)
    board(alice)
    assert look(browser).steps == []


def test_captured_trends_are_counted_and_compared_with_the_week_before(
    browser: Client, alice: User, now: datetime
) -> None:
    for _ in range(3):
        trend(alice, now)
    scrape(alice, 30, now)
    scrape(alice, 15, now - 6 * DAY)
    scrape(alice, 30, now - 8 * DAY)
    scrape(alice, 99, now - 20 * DAY)
    assert figures(browser)["Trends captured"] == ("3", "+50%", "up")
    assert sum(look(browser).figures[0].spark) == 75


def test_breakouts_are_those_of_the_week_with_a_score_of_five(browser: Client, alice: User, now: datetime) -> None:
    trend(alice, now, score=5.0)
    trend(alice, now - 2 * DAY, score=9.0)
    trend(alice, now, score=4.99)
    trend(alice, now - 8 * DAY, score=7.0)
    assert figures(browser)["Breakouts this week"] == ("2", "+1", "up")


def test_media_and_ideas_are_counted_when_they_are_done(browser: Client, alice: User, now: datetime) -> None:
    download(alice, "completed", now)
    download(alice, "completed", now - 9 * DAY)
    download(alice, "completed", now - 10 * DAY)
    download(alice, "failed", now)
    download(alice, "active", now)
    board(alice, ideas=2)
    Generation.objects.create(owner=alice, kind="hook", state=Generation.State.FAILED)
    found = figures(browser)
    assert found["Media saved"] == ("3", "-50%", "down")
    assert found["Ideas drafted"] == ("2", "+2", "up")


def test_the_chart_adds_reach_by_platform_and_day_of_publishing(browser: Client, alice: User, now: datetime) -> None:
    trend(alice, now, reach=100)
    trend(alice, now, reach=50, dated_at=now - 3 * DAY)
    trend(alice, now, reach=7, dated_at=now - 3 * DAY)
    trend(alice, now, reach=1_000, platform=Platform.X, dated_at=now - 29 * DAY)
    trend(alice, now, reach=9_999, dated_at=now - 40 * DAY)
    chart = look(browser).chart
    lines = {line.name: list(line.values) for line in chart.series}
    assert list(lines) == ["X", "TikTok"]
    assert lines["TikTok"][-4:] == [57, 0, 0, 100]
    assert sum(lines["TikTok"]) == 157
    assert lines["X"] == [1_000] + [0] * 29
    assert len(chart.labels) == 30


def test_a_deletion_shows_at_once(browser: Client, alice: User, now: datetime) -> None:
    trend(alice, now, reach=100)
    assert sum(look(browser).chart.series[0].values) == 100
    trend(alice, now + timedelta(seconds=1), reach=11, dated_at=now)
    assert sum(look(browser).chart.series[0].values) == 111


def test_rising_is_the_six_best(browser: Client, alice: User, now: datetime) -> None:
    for score in range(8):
        trend(alice, now, score=score, title=f"post {score}")
    assert [row.title for row in look(browser).rising] == [f"post {score}" for score in (7, 6, 5, 4, 3, 2)]


def test_downloads_under_way_are_live_and_otherwise_the_last_saved_are_shown(
    browser: Client, alice: User, now: datetime
) -> None:
    for index in range(6):
        download(alice, "completed", now - index * DAY, title=f"film {index}")
    assert [row.title for row in look(browser).now.done] == ["film 0", "film 1", "film 2", "film 3"]
    running = [download(alice, "active", now, title=f"coming {index}", progress=0.64) for index in range(5)]
    response = browser.get("/")
    assert [row.title for row in response.context["page"].now.active] == [f"coming {index}" for index in range(4)]
    content = response.content.decode()
    assert f'data-live="{running[0].job_id}.bar"' in content
    assert "64%" in content
    assert "5 active" in content


def test_while_nothing_moves_the_steps_alone_say_what_to_do(browser: Client, alice: User, now: datetime) -> None:
    trend(alice, now)
    content = browser.get("/").content.decode()
    assert 'id="overview-now"' in content
    assert "No boards yet" not in content
    board(alice)
    content = browser.get("/").content.decode()
    assert "Recent boards" in content
    assert "Nothing saved yet" in content


def test_htmx_gets_the_part_that_moves(browser: Client, alice: User, now: datetime) -> None:
    download(alice, "active", now, title="coming")
    response = browser.get("/", headers={"HX-Request": "true"})
    content = response.content.decode()
    assert "coming" in content
    assert "<html" not in content
    assert 'id="overview-now"' in content


def test_failures_are_shown_until_they_are_asked_for_again(browser: Client, alice: User, now: datetime) -> None:
    failed = {"state": State.FAILED, "finished_at": now, "error_message": "Apify refused."}
    job(alice, title="once more", **failed)
    job(alice, title="new again", **failed)
    job(alice, title="new again", state=State.RUNNING)
    job(alice, title="long ago", **failed | {"finished_at": now - 4 * DAY})
    gone = download(alice, "failed", now, title="deleted", error="No such film.")
    download(alice, "failed", now, title="kept", error="Members only.")
    Download.objects.filter(pk=gone.pk).delete()
    found = look(browser).now.failures
    assert sorted(row.title for row in found) == ["kept", "once more"]
    content = browser.get("/").content.decode()
    assert "Apify refused." in content
    assert content.count("/retry/") == 2


def test_an_allowance_nearly_used_up_is_named(browser: Client, alice: User, now: datetime) -> None:
    board(alice, ideas=1)
    reserve(alice, UsageKind.SCRAPE, 15, source_id=new_id())
    assert look(browser).now.scarce == []
    reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())
    assert [row.kind for row in look(browser).now.scarce] == [UsageKind.SCRAPE]
    assert "4 scrapes left" in browser.get("/").content.decode()


def test_nothing_of_others_is_counted_or_shown(browser: Client, bob: User, now: datetime) -> None:
    trend(bob, now, title="bobs secret", score=9)
    scrape(bob, 5, now)
    download(bob, "active", now, title="bobs secret")
    download(bob, "failed", now, title="bobs secret")
    board(bob, "bobs secret", ideas=3)
    response = browser.get("/")
    assert b"bobs secret" not in response.content
    assert response.context["page"].figures == []
    assert b"bobs secret" not in browser.get("/", headers={"HX-Request": "true"}).content


def test_texts_from_outside_are_shown_as_text(browser: Client, alice: User, now: datetime) -> None:
    bad = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
    trend(alice, now, title=bad, author_name=bad)
    download(alice, "failed", now, title=bad, error=bad)
    board(alice, bad)
    User.objects.filter(pk=alice.pk).update(name=bad)
    content = browser.get("/").content
    assert b"<img src=x" not in content
    assert b"<script>alert" not in content


@pytest.mark.parametrize(
    ("hour", "words"),
    [(4, "Good evening"), (5, "Good morning"), (11, "Good morning"), (12, "Good afternoon"), (18, "Good evening")],
)
def test_the_greeting_follows_the_hour(now: datetime, hour: int, words: str) -> None:
    assert greeting(now.replace(hour=hour)) == words


@pytest.mark.parametrize(
    ("before", "this", "percent", "expected"),
    [
        (0, 0, True, ("", "flat", "none yet")),
        (0, 7, True, ("+7", "up", "this week")),
        (10, 10, True, ("+0%", "flat", "vs last week")),
        (10, 0, True, ("-100%", "down", "vs last week")),
        (3, 4, True, ("+33%", "up", "vs last week")),
        (2, 90, True, ("45×", "up", "last week")),
        (10, 4, False, ("-6", "down", "vs last week")),
    ],
)
def test_a_change_is_told_without_odd_figures(
    before: int, this: int, percent: bool, expected: tuple[str, str, str]
) -> None:
    days = [before, *[0] * 6, *[0] * 6, this]
    assert change(Pace(0, True, days), percent=percent) == expected


@pytest.mark.parametrize(
    ("made", "news"),
    [
        (
            {"score": 9.0, "multiple": 9.4},
            "One trend broke out since yesterday. The strongest stands at 9.4 times its usual.",
        ),
        ({"score": 1.0, "multiple": 0.5}, "The last scrape was just now."),
    ],
)
def test_the_news_are_true(browser: Client, alice: User, now: datetime, made: dict[str, float], news: str) -> None:
    trend(alice, now, **made)
    assert look(browser).news == news


def test_a_payment_that_did_not_come_needs_attention(browser: Client, alice: User) -> None:
    board(alice, ideas=1)
    paid = Subscription.objects.create(user=alice, plan=plan_of(alice), stripe_id="sub_1", status="active")
    assert not look(browser).now.needs_attention
    Subscription.objects.filter(pk=paid.pk).update(status="past_due")
    assert look(browser).now.owes
    assert b"A payment did not go through" in browser.get("/").content


def fill(owner: User, number: int, now: datetime) -> None:
    for index in range(number):
        at = now - timedelta(hours=index)
        trend(owner, at, title=f"post {index}", score=index % 9)
        scrape(owner, 1, at)
        download(owner, ("active", "completed", "failed")[index % 3], at, title=f"film {index}")
        board(owner, f"board {index}", ideas=1)


def queries(client: Client) -> list[str]:
    cache.clear()
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get("/").status_code == 200
    return [query["sql"] for query in seen.captured_queries]


def test_ten_times_as_much_costs_no_more_queries(browser: Client, alice: User, now: datetime) -> None:
    fill(alice, 10, now)
    browser.get("/live/")  # the first request of a session is noted
    few = len(queries(browser))
    fill(alice, 90, now)
    assert len(queries(browser)) == few <= 30


def test_every_query_finds_its_rows_by_an_index(browser: Client, alice: User, now: datetime) -> None:
    fill(alice, 30, now)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in queries(browser):
            if not sql.startswith("SELECT") or "billing_plan" in sql:
                continue
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert not re.search(r"Seq Scan on (trends|downloads|ideaboards|jobs|billing|accounts)_", plan), (
                f"{sql}\n{plan}"
            )


def test_jobs_of_unknown_kinds_do_no_harm(browser: Client, alice: User, now: datetime) -> None:
    job(alice, "old.kind", State.FAILED, title="from an older release", finished_at=now, error_message="Gone.")
    board(alice)
    assert [row.title for row in look(browser).now.failures] == ["from an older release"]
    assert Job.objects.count() == 1
