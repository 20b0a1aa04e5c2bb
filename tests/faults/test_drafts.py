"""A drafted board survives the death of its worker at every step: one board, one unit."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.models import User
from billing.models import Reservation
from ideaboards.models import Generation, Ideaboard
from ideaboards.services import request_board_draft
from ideaboards.specs import WritingSpec
from kapture.jobs.models import Job, State
from kapture.sandbox.control import Control
from kapture.sandbox.openai import OpenAIStandIn
from kapture.sandbox.server import Server
from tests.faults.system import System, assert_invariants, wipe_redis

pytestmark = pytest.mark.django_db(transaction=True)
LAMPS = WritingSpec(Generation.Kind.IDEABOARD, "studio lighting")
POINTS = (
    "jobs.claimed",
    "ideaboards.writing",
    "ideaboards.before_board",
    "jobs.before_finish",
    "jobs.inside_finish",
    "jobs.after_finish",
)


@pytest.fixture
def openai(settings: Settings, system: System) -> Iterator[Control]:
    """The OpenAI stand-in, for this process and for the workers."""
    with Server(OpenAIStandIn(words_per_second=0.0, think_seconds=0.1)) as server:
        settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = f"{server.url}/v1", "sandbox"
        system.env |= {"OPENAI_BASE_URL": settings.OPENAI_BASE_URL, "OPENAI_API_KEY": "sandbox"}
        yield Control(server.url)


def check(job: Job) -> None:
    job.refresh_from_db()
    assert (job.state, job.error_message) == (State.COMPLETED, "")
    assert Ideaboard.objects.filter(pk=job.result["boardId"]).count() == 1
    assert Reservation.objects.values_list("state", "settled").get(source_id=job.pk) == ("settled", 1)
    assert Generation.objects.get(pk=job.pk).state == "completed"


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_step_is_replaced(system: System, alice: User, openai: Control, point: str) -> None:
    system.env["CRASH"] = f"{point}:1"
    system.dispatcher()
    system.worker()
    job = request_board_draft(alice, LAMPS)
    system.drain([job])
    assert (system.folder / "crashed").exists(), "the crash point was never passed"
    check(job)
    assert Ideaboard.objects.count() == 1
    assert_invariants()


def test_a_wiped_redis_loses_no_draft(system: System, alice: User, openai: Control) -> None:
    jobs = [request_board_draft(alice, LAMPS) for _ in range(3)]
    system.dispatcher()
    system.worker()
    wipe_redis()
    system.drain(jobs)
    for job in jobs:
        check(job)
    assert_invariants()
