"""Each slot runs once, whoever ticks and whatever the clock does; nobody waits for somebody who has more."""

from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Notification, User
from billing.models import Plan, UsagePeriod
from kapture.core.oracle import verify
from kapture.jobs.models import Job
from tests.trends.watches.conftest import NOON, look, named, spec
from trends.models import Mark, Scrape, Trend, Watch, WatchRun
from trends.watches.clock import Ticked, due, tick
from trends.watches.services import create_watch, set_state
from trends.watches.telling import SKIPPED

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.APIFY_API_TOKEN = "apify_api_test"


def make(user: User, *, next_run_at: Any = NOON, created_at: Any = NOON, **changes: Any) -> Watch:
    """A watch with slots counted from noon."""
    kept = create_watch(user, spec(**changes))
    Watch.objects.filter(pk=kept.pk).update(created_at=created_at, next_run_at=next_run_at)
    kept.refresh_from_db()
    return kept


def slots(watch: Watch) -> list[tuple[float, str]]:
    """Slots of a watch in hours after noon, with what became of them."""
    return [((run.slot - NOON) / HOUR, run.state) for run in watch.runs.order_by("slot")]


@pytest.mark.django_db(transaction=True)
def test_many_ticks_at_once_give_one_run_a_slot(alice: User, bob: User) -> None:
    watches = [make(user, name=f"{user.name} {number}") for user in (alice, bob) for number in range(4)]
    barrier = Barrier(8)

    def ticking() -> None:
        barrier.wait()
        for _ in range(3):
            tick(NOON + timedelta(seconds=30))
        connection.close()

    threads = [Thread(target=ticking) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [slots(watch) for watch in watches] == [[(0, "running")]] * 8
    assert Scrape.objects.count() == Job.objects.count() == 8
    assert UsagePeriod.objects.values_list("held", flat=True).get(user=alice, kind="scrape") == 4
    assert {rule.name: found for rule, found in verify() if found} == {}


@pytest.mark.django_db
class TestSlots:
    """One watch after the other."""

    def test_a_new_watch_runs_at_once_and_then_by_its_schedule(self, alice: User) -> None:
        kept = create_watch(alice, spec())
        assert tick() == Ticked(started=1)
        kept.refresh_from_db()
        scrape = Scrape.objects.get()
        assert (scrape.keywords, scrape.platform, scrape.watch_run) == (["lamps"], "youtube", kept.runs.get())
        assert timedelta(hours=3, minutes=58) < kept.next_run_at - timezone.now() <= timedelta(hours=4)
        assert tick() == Ticked()

    def test_missed_slots_run_once(self, alice: User) -> None:
        kept = make(alice)
        assert tick(NOON + 50 * HOUR) == Ticked(started=1)
        kept.refresh_from_db()
        assert (slots(kept), (kept.next_run_at - NOON) / HOUR) == ([(0, "running")], 52)

    def test_a_clock_that_is_set_back_runs_no_slot_twice(self, alice: User) -> None:
        kept = make(alice)
        tick(NOON)
        WatchRun.objects.update(state="done")
        tick(NOON + 4 * HOUR)
        WatchRun.objects.update(state="done")
        for hours in (3, 3.9, 4, 4.1, 7.9):
            tick(NOON + hours * HOUR)
        assert slots(kept) == [(0, "done"), (4, "done")]
        tick(NOON + 8 * HOUR)
        assert slots(kept)[2:] == [(8, "running")]

    @pytest.mark.parametrize("changes", [{}, {"cron": "0 */4 * * *"}])
    def test_a_clock_that_ran_ahead_is_no_loss(self, alice: User, changes: dict[str, Any]) -> None:
        kept = make(alice, **changes)
        tick(NOON + timedelta(days=365))
        tick(NOON + HOUR)
        kept.refresh_from_db()
        assert (kept.next_run_at - NOON) / HOUR == 4

    def test_rare_cron_times_are_waited_for(self, alice: User) -> None:
        kept = make(alice, cron="0 0 1 6 *", next_run_at=NOON + timedelta(days=200))
        Watch.objects.filter(pk=kept.pk).update(next_run_at=NOON.replace(year=2027, month=6, day=1, hour=0))
        tick(NOON)
        assert slots(kept) == []
        kept.refresh_from_db()
        assert kept.next_run_at.year == 2027

    def test_paused_and_suspended_watches_do_not_run(self, alice: User, bob: User) -> None:
        paused, suspended = make(alice), make(bob)
        set_state(alice, paused.pk, Watch.State.PAUSED)
        User.objects.filter(pk=bob.pk).update(is_active=False)
        assert tick(NOON + HOUR) == Ticked()
        User.objects.filter(pk=bob.pk).update(is_active=True)
        assert tick(NOON + 9 * HOUR) == Ticked(started=1)
        assert slots(suspended) == [(0, "running")]
        set_state(alice, paused.pk, Watch.State.ACTIVE)
        assert Watch.objects.get(pk=paused.pk).next_run_at > timezone.now()

    def test_a_run_that_is_still_at_work_is_not_doubled(self, alice: User) -> None:
        kept = make(alice)
        tick(NOON)
        assert tick(NOON + 4 * HOUR) == Ticked(skipped=1)
        assert kept.runs.first().note == "The run before was still at work."

    def test_everybody_gets_a_turn_before_anybodys_second(self, alice: User, bob: User) -> None:
        greedy = [make(alice, name=str(number), next_run_at=NOON + number * HOUR) for number in range(5)]
        modest = make(bob, next_run_at=NOON + 4 * HOUR)
        order = due(NOON + 5 * HOUR)
        assert order == [greedy[0].pk, modest.pk, *(one.pk for one in greedy[1:])]
        assert tick(NOON + 5 * HOUR, most=2) == Ticked(started=2)
        assert (slots(modest), slots(greedy[1])) == ([(4, "running")], [])

    def test_at_the_limit_it_is_skipped_and_said_once_a_month(self, alice: User) -> None:
        Plan.objects.filter(is_default=True).update(scrapes=1)
        kept = make(alice, platforms=("youtube", "reddit"))
        for hours in (0, 4, 8):
            assert tick(NOON + hours * HOUR) == Ticked(skipped=1)
        assert [state for _, state in slots(kept)] == ["skipped"] * 3
        assert "This needs 2 of your 1 scrapes a month" in kept.runs.first().note
        assert not Scrape.objects.exists()
        told = Notification.objects.get(kind=SKIPPED)
        assert told.path == f"/trends/watches/{kept.pk}/"

    def test_without_anybody_to_ask_it_is_skipped_with_the_reason(self, alice: User, settings: Settings) -> None:
        settings.APIFY_API_TOKEN = ""
        kept = make(alice, platforms=("tiktok",))
        assert tick(NOON) == Ticked(skipped=1)
        assert "set APIFY_API_TOKEN" in kept.runs.get().note

    def test_a_platform_that_is_off_keeps_no_other_from_being_asked(self, alice: User, settings: Settings) -> None:
        settings.APIFY_API_TOKEN = ""
        make(alice, platforms=("tiktok", "reddit"))
        assert tick(NOON) == Ticked(started=1)
        assert [scrape.platform for scrape in Scrape.objects.all()] == ["reddit"]

    def test_a_watch_that_breaks_keeps_nobody_from_their_turn(self, alice: User, bob: User) -> None:
        broken, sound = make(alice), make(bob)
        Watch.objects.filter(pk=broken.pk).update(cron="nonsense")
        assert tick(NOON + HOUR) == Ticked(started=1)
        assert (slots(broken), slots(sound)) == ([], [(0, "running")])


@pytest.mark.django_db
class TestCron:
    """The clock of an installation whose clock is elsewhere."""

    def test_it_does_what_beat_does(self, alice: User, client: Client, settings: Settings) -> None:
        settings.CRON_SECRET_TOKEN = "a-token-nobody-guesses"
        make(alice, next_run_at=timezone.now())
        headers = {"Authorization": "Bearer a-token-nobody-guesses"}
        answer = client.post("/api/cron/scrape-trends", headers=headers)
        assert (answer.status_code, answer.json()["data"]) == (200, {"started": 1, "skipped": 0, "graded": 0})
        again = client.post("/api/cron/scrape-trends", headers=headers)
        assert again.json()["data"] == {"started": 0, "skipped": 0, "graded": 0}

    def test_it_grades_what_is_due(self, watch: Watch, client: Client, settings: Settings) -> None:
        settings.CRON_SECRET_TOKEN = "a-token-nobody-guesses"
        Watch.objects.update(state=Watch.State.PAUSED)
        at = timezone.now() - timedelta(days=12)
        for hours in (0, 24, 72, 168):
            look(watch, at + hours * HOUR, {"flash": 2_000 + hours})
        headers = {"Authorization": "Bearer a-token-nobody-guesses"}
        answer = client.post("/api/cron/scrape-trends", headers=headers)
        assert answer.json()["data"] == {"started": 0, "skipped": 0, "graded": 3}
        assert set(Mark.objects.values_list("state", flat=True)) == {Mark.State.MISS}

    def test_it_empties_the_trash_and_sweeps(
        self, watch: Watch, client: Client, settings: Settings, tmp_path: Path
    ) -> None:
        settings.CRON_SECRET_TOKEN = "a-token-nobody-guesses"
        settings.SCRATCH = str(tmp_path)
        (tmp_path / f"{watch.pk}-1").mkdir()
        look(watch, timezone.now(), {"old": 10, "fresh": 10, "kept": 10})
        for name, days in (("old", 31), ("fresh", 29)):
            Trend.objects.filter(pk=named(name).pk).update(trashed_at=timezone.now() - timedelta(days=days))
        headers = {"Authorization": "Bearer a-token-nobody-guesses"}
        answer = client.post("/api/cron/cleanup-media", headers=headers)
        media = {"downloads": 0, "expired": 0, "files": 0, "strays": 0}
        assert answer.json()["data"] == {"trends": 1, "changes": 0, "folders": 1, **media}
        again = client.post("/api/cron/cleanup-media", headers=headers)
        assert again.json()["data"] == {"trends": 0, "changes": 0, "folders": 0, **media}
        assert sorted(Trend.objects.values_list("author_handle", flat=True)) == ["fresh", "kept"]
        assert list(tmp_path.iterdir()) == []

    def test_it_is_for_the_clock_alone(self, client: Client, settings: Settings) -> None:
        for name in ("scrape-trends", "cleanup-media"):
            settings.CRON_SECRET_TOKEN = ""
            assert client.post(f"/api/cron/{name}").status_code == 404
            settings.CRON_SECRET_TOKEN = "a-token-nobody-guesses"
            assert client.post(f"/api/cron/{name}").status_code == 401
