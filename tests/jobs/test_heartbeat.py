"""A worker that lives keeps its job, whatever happens to the connection it beats on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from kapture.jobs import lifecycle
from kapture.jobs.errors import JobStopped, Stop
from kapture.jobs.models import Job
from kapture.jobs.run import Heartbeat, Run
from kapture.jobs.services import cancel, enqueue
from tests.jobs.waiting import cut_other_connections, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(alice: User, settings: Any) -> Iterator[Run]:
    settings.JOB_HEARTBEAT = timedelta(milliseconds=20)
    claimed = lifecycle.claim(enqueue(alice, "test.work", {}).pk)
    assert claimed is not None
    Job.objects.update(lease_until=timezone.now() + timedelta(seconds=30))
    yield Run(claimed)
    connection.close()


def lease(run: Run) -> datetime:
    until_when = Job.objects.get(pk=run.job.pk).lease_until
    assert until_when is not None
    return until_when


def test_the_lease_is_renewed_while_the_work_goes_on(run: Run) -> None:
    before = lease(run)
    with Heartbeat(run):
        until(lambda: lease(run) > before + timedelta(seconds=20))
    run.check()


def test_after_the_work_nothing_beats_any_more(run: Run) -> None:
    with Heartbeat(run) as heart:
        pass
    assert not heart.is_alive()


def test_a_wish_to_stop_reaches_the_work_without_a_report(run: Run, alice: User) -> None:
    with Heartbeat(run):
        cancel(run.job, alice)
        assert run.stopped.wait(60)
    with pytest.raises(JobStopped) as stopped:
        run.check()
    assert stopped.value.why is Stop.CANCELLED


def test_it_beats_on_after_its_connection_was_cut(run: Run) -> None:
    with Heartbeat(run):
        before = lease(run)
        until(lambda: lease(run) > before)
        until(cut_other_connections)
        cut_at = lease(run)
        until(lambda: lease(run) > cut_at)
    run.check()
