"""People change and delete watches while searches store for them: nobody's work is lost and nobody sees an error."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from kapture.core.oracle import verify
from tests.trends.watches.conftest import NOON, VIEWS, look, post, scrape_of, spec, take
from trends.models import Alert, Mark, Metric, Purpose, Rule, Scrape, Trend, Watch, WatchRun, WatchTrend
from trends.watches.grading import grade_due
from trends.watches.looks import is_our_turn
from trends.watches.services import change_watch, delete_watch
from trends.watches.specs import RuleSpec

pytestmark = pytest.mark.django_db(transaction=True)
MORE = RuleSpec(Metric.REACH, 9_000)
BLOCKED = """
    SELECT EXISTS (SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))
"""


def wait_for_blocked() -> None:
    """Wait until another connection waits for a lock of this one."""
    until = monotonic() + 10
    with connection.cursor() as cursor:
        while monotonic() < until:
            # What others do is looked up once a transaction, unless it is asked for anew.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(BLOCKED)
            if cursor.fetchone()[0]:
                return
            sleep(0.01)
    pytest.fail("Nobody waits.")


@contextmanager
def meanwhile(do: Callable[[], Any]) -> Iterator[Callable[[], None]]:
    """A transaction, and how somebody else begins to do something that waits for it; at the end both are done."""
    others: list[Future[Any]] = []

    def work() -> None:
        try:
            do()
        finally:
            connection.close()

    def begin() -> None:
        others.append(pool.submit(work))
        wait_for_blocked()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            yield begin
        assert [other.result(20) for other in others] == [None]


@pytest.fixture
def scrape(watch: Watch) -> Scrape:
    """A search of the watch that is at work."""
    return scrape_of(WatchRun.objects.create(watch=watch, slot=NOON))


def flash(scrape: Scrape) -> None:
    """A batch with a post that reaches the rule, stored as a search does it: its own row first."""
    with transaction.atomic():
        Scrape.objects.filter(pk=scrape.pk).update(updated_at=timezone.now())
        take(scrape, [post("flash", 5_000)], NOON)


def counts() -> tuple[int, int, int]:
    return Watch.objects.count(), Alert.objects.count(), Trend.objects.count()


def sound() -> None:
    wrong = {rule.name: found for rule, found in verify() if found and rule.name.startswith(("T05", "T06", "T07"))}
    assert wrong == {}


class TestDeleting:
    """A watch goes while a search of it stores a batch."""

    def test_it_waits_for_a_batch_and_takes_its_alerts_along(self, alice: User, watch: Watch, scrape: Scrape) -> None:
        with meanwhile(lambda: delete_watch(alice, watch.pk)) as begin:
            flash(scrape)
            begin()
        assert counts() == (0, 0, 1)

    def test_it_waits_for_a_batch_that_has_not_noted_yet(self, alice: User, watch: Watch, scrape: Scrape) -> None:
        with meanwhile(lambda: delete_watch(alice, watch.pk)) as begin:
            Scrape.objects.filter(pk=scrape.pk).update(updated_at=timezone.now())
            begin()
            flash(scrape)
        assert counts() == (0, 0, 1)

    def test_a_batch_that_comes_later_notes_nothing(self, alice: User, watch: Watch, scrape: Scrape) -> None:
        with meanwhile(lambda: flash(scrape)) as begin:
            delete_watch(alice, watch.pk)
            begin()
        assert counts() == (0, 0, 1)
        assert not WatchTrend.objects.exists()


class TestChanging:
    """Rules go while a search raises alerts of them."""

    def test_a_rule_goes_with_what_it_raises_meanwhile(self, alice: User, watch: Watch, scrape: Scrape) -> None:
        with meanwhile(lambda: change_watch(alice, watch.pk, spec(rules=(MORE,)))) as begin:
            flash(scrape)
            begin()
        assert counts() == (1, 0, 1)
        assert Rule.objects.get().at_least == MORE.at_least
        sound()

    @pytest.mark.parametrize("rules", [(MORE,), (RuleSpec(VIEWS.metric, VIEWS.at_least, is_on=False),)])
    def test_a_rule_that_is_gone_or_off_raises_nothing(
        self, alice: User, watch: Watch, scrape: Scrape, rules: tuple[RuleSpec, ...]
    ) -> None:
        with meanwhile(lambda: flash(scrape)) as begin:
            change_watch(alice, watch.pk, spec(rules=rules))
            begin()
        assert counts() == (1, 0, 1)
        assert WatchTrend.objects.count() == 1

    def test_a_change_keeps_what_another_changed_meanwhile(self, alice: User, api: Client, watch: Watch) -> None:
        def patch() -> None:
            answer = api.patch(f"/api/trends/watches/{watch.pk}", {"mails": True}, "application/json")
            assert answer.status_code == 200, answer.content

        with meanwhile(patch) as begin:
            change_watch(alice, watch.pk, spec(name="Lights", rules=(VIEWS, MORE)))
            begin()
        watch.refresh_from_db()
        assert (watch.name, watch.mails, watch.rules.count()) == ("Lights", True, 2)


def test_one_grader_at_a_time_asks_for_looks_of_a_person(alice: User, watch: Watch, settings: Settings) -> None:
    settings.APIFY_API_TOKEN = "apify_api_test"
    look(watch, NOON, {"flash": 5_000})
    later = NOON.replace(day=NOON.day + 1, hour=13)

    def grade() -> None:
        grade_due(later)
        connection.close()

    other = Thread(target=grade)
    with transaction.atomic():
        assert is_our_turn(alice.pk)
        other.start()
        other.join(20)
    assert not Scrape.objects.filter(purpose=Purpose.LOOK).exists()
    assert Mark.objects.get(hours=24).state == Mark.State.WAITING
    grade()
    assert Scrape.objects.filter(purpose=Purpose.LOOK).count() == 1
