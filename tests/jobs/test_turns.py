"""Who goes first: fair between owners, exact within their places, cheap with a long queue."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from kapture.core.oracle import verify
from kapture.jobs import dispatcher, kinds
from kapture.jobs.dispatcher import dispatch_due, miss_the_night
from kapture.jobs.lanes import Lane, is_night, next_night
from kapture.jobs.models import Job, State
from kapture.jobs.queries import worker_health
from kapture.jobs.run import Run
from kapture.jobs.services import enqueue
from kapture.jobs.tasks import perform

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = 3


def work(run: Run) -> None:
    with run.finish({}, units=0):
        pass


@pytest.fixture(autouse=True)
def _limited(_kind: None) -> Iterator[None]:
    """A kind of which each owner may have three under way."""
    kinds.register(
        kinds.JobKind(
            name="test.limited",
            label="Limited",
            queue="limited",
            perform=work,
            limits=lambda owners: dict.fromkeys(owners, LIMIT),
            window=8,
            pausable=True,
        )
    )
    yield
    kinds._kinds.pop("test.limited")


@pytest.fixture(autouse=True)
def broker() -> Iterator[redis.Redis]:
    """The broker of this worker's tests, without messages."""
    client = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    client.flushdb()
    yield client
    client.flushdb()


def queue(owner: User, count: int, kind: str = "test.limited", **fields: Any) -> list[Job]:
    later = timezone.now() + timedelta(hours=1)
    return Job.objects.bulk_create(Job(owner=owner, kind=kind, deadline_at=later, **fields) for _ in range(count))


def under_way() -> Counter[str]:
    rows = Job.objects.exclude(dispatched_at=None, state=State.QUEUED).filter(state__in=("queued", "running"))
    return Counter(rows.values_list("owner__email", flat=True))


def sent() -> list[Job]:
    return list(Job.objects.filter(state=State.QUEUED, dispatched_at__isnull=False).order_by("run_after", "pk"))


def test_one_job_of_somebody_starts_at_once_beside_five_thousand_of_another(alice: User, bob: User) -> None:
    queue(alice, 5_000)
    dispatch_due()
    own = enqueue(bob, "test.limited", {})
    dispatch_due()
    assert under_way() == {"alice@example.com": LIMIT, "bob@example.com": 1}
    perform(str(own.pk))
    own.refresh_from_db()
    assert own.state == State.COMPLETED


def test_nobody_has_more_under_way_than_allowed_with_two_dispatchers_and_workers(alice: User, bob: User) -> None:
    queue(alice, 12)
    queue(bob, 12)
    most: Counter[str] = Counter()

    def dispatch() -> None:
        try:
            for _ in range(6):
                dispatch_due()
        finally:
            connection.close()

    for _ in range(6):
        threads = [threading.Thread(target=dispatch) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        most |= under_way()
        for job in sent():
            perform(str(job.pk))
    assert most == {"alice@example.com": LIMIT, "bob@example.com": LIMIT}
    assert not Job.objects.exclude(state=State.COMPLETED).exists()


def test_a_running_job_keeps_its_place_and_an_old_message_takes_none(alice: User) -> None:
    running, *others = queue(alice, 5)
    dispatch_due()
    Job.objects.filter(pk=running.pk).update(state=State.RUNNING, lease_until=timezone.now() + timedelta(minutes=1))
    assert dispatch_due() == 0
    held = sent()[0]
    Job.objects.filter(pk=held.pk).update(dispatched_at=None)
    perform(str(held.pk))
    held.refresh_from_db()
    assert (held.state, held.attempt) == (State.QUEUED, 0)
    assert dispatch_due() == 1
    assert under_way()["alice@example.com"] == LIMIT
    assert len(others) == 4


def test_a_lost_message_is_sent_again_in_its_own_place(alice: User, broker: redis.Redis) -> None:
    queue(alice, 6)
    dispatch_due()
    first = {job.pk for job in sent()}
    Job.objects.filter(pk__in=first).update(dispatched_at=timezone.now() - dispatcher.send_again_after() * 2)
    assert dispatch_due() == LIMIT
    assert {job.pk for job in sent()} == first


def test_owners_take_turns_in_a_narrow_queue(alice: User, bob: User, staff: User) -> None:
    for owner in (alice, bob, staff):
        queue(owner, 5)
    dispatch_due()
    # Eight messages may lie ahead of the workers; none has three places before all have two.
    assert sorted(under_way().values()) == [2, 3, 3]


def test_one_owner_cannot_fill_a_queue_without_limits(alice: User, bob: User) -> None:
    queue(alice, kinds.WINDOW + 5, "test.work")
    assert dispatch_due() == kinds.WINDOW // 2
    queue(bob, 1, "test.work")
    assert dispatch_due() == 1


def test_work_of_nobody_needs_no_place(db: None) -> None:
    later = timezone.now() + timedelta(hours=1)
    Job.objects.bulk_create(Job(owner=None, kind="test.work", deadline_at=later) for _ in range(150))
    assert dispatch_due() == 150


def test_lanes_order_ones_own_work_and_the_night_comes_last(alice: User, bob: User) -> None:
    Job.objects.all().delete()
    night = queue(bob, 2, lane=Lane.NIGHT, run_after=timezone.now() - timedelta(hours=9))
    normal = queue(alice, 3)
    (urgent,) = queue(alice, 1, lane=Lane.NOW)
    wanted = [urgent.pk, normal[0].pk, normal[1].pk]
    open_ = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    assert is_night(open_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatcher.timezone, "now", lambda: open_)
        dispatch_due()
    chosen = {job.pk for job in sent()}
    assert chosen == {*wanted, *(job.pk for job in night)}


def test_a_missed_night_is_made_up_for_with_its_deadline(alice: User) -> None:
    now = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    began = now.replace(hour=1)
    job = enqueue(alice, "test.limited", {}, run_after=began, lane=Lane.NIGHT)
    assert job.deadline_at == began + timedelta(minutes=30)
    assert miss_the_night(now) == 1
    job.refresh_from_db()
    assert job.run_after == began + timedelta(days=1) == next_night(now)
    assert job.deadline_at == job.run_after + timedelta(minutes=30)
    assert miss_the_night(now.replace(hour=3)) == 0


@pytest.mark.parametrize(
    ("hour", "night", "next_day", "next_hour"), [(0, False, 1, 1), (1, True, 1, 1), (5, True, 1, 5), (6, False, 2, 1)]
)
def test_the_night_is_from_one_to_six(hour: int, night: bool, next_day: int, next_hour: int) -> None:
    moment = datetime(2026, 3, 1, hour, 0, tzinfo=UTC)
    assert is_night(moment) is night
    assert next_night(moment) == datetime(2026, 3, next_day, next_hour, 0, tzinfo=UTC)


def test_waiting_for_ones_own_place_is_no_lost_job_but_a_dead_dispatcher_is(alice: User) -> None:
    old = timezone.now() - timedelta(minutes=5)
    jobs = queue(alice, 5, run_after=old)

    def lost() -> set[str]:
        return {pk for rule, ids in verify() if rule.name.startswith("I06") for pk in ids}

    assert lost() == {str(job.pk) for job in jobs}
    assert worker_health()[0] == "down"
    Job.objects.filter(pk=jobs[0].pk).update(state=State.RUNNING, lease_until=timezone.now() + timedelta(minutes=1))
    assert (lost(), worker_health()[0]) == (set(), "ok")
    Job.objects.filter(state=State.RUNNING).update(state=State.QUEUED)
    Job.objects.update(held_at=timezone.now())
    assert (lost(), worker_health()[0]) == (set(), "ok")


def test_choosing_takes_the_same_queries_for_ten_and_a_hundred_owners(plans: None) -> None:
    def queries(count: int) -> int:
        Job.objects.all().delete()
        User.objects.filter(email__startswith="many").delete()
        people = User.objects.bulk_create(User(email=f"many{count}-{number}@example.com") for number in range(count))
        for person in people:
            queue(person, 2)
        with CaptureQueriesContext(connection) as captured:
            assert dispatch_due() == 8
        return len(captured)

    assert queries(10) == queries(100)
