"""A board drafted by a job: one board, one charge, and a named reason when it does not come about."""

import threading
import time
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from billing.models import Reservation, UsagePeriod
from ideaboards import services
from ideaboards.models import Generation, Ideaboard
from ideaboards.richtext import citations, text_of
from ideaboards.specs import WritingSpec
from kapture.core.errors import Conflict, InvalidInput, Unavailable
from kapture.core.oracle import verify
from kapture.jobs.models import Job, State
from kapture.jobs.runner import run_job
from kapture.jobs.services import cancel, retry
from kapture.sandbox.control import Control
from tests.ideaboards.conftest import captured
from trends.models import Trend


class CancelSoon(threading.Thread):
    """Presses Cancel a moment after the writing began."""

    def __init__(self, job: Job, user: User) -> None:
        super().__init__(daemon=True)
        self.job, self.user = job, user

    def run(self) -> None:
        try:
            while not Job.objects.filter(pk=self.job.pk, stage__startswith="Writing").exists():
                time.sleep(0.05)
            cancel(self.job, self.user)
        finally:
            connection.close()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self.join()


pytestmark = pytest.mark.django_db(transaction=True)
BOARD = Generation.Kind.IDEABOARD


def request(user: User, trends: list[Trend], **fields: Any) -> Job:
    return services.request_board_draft(
        user, WritingSpec(BOARD, trend_ids=tuple(trend.pk for trend in trends), **fields)
    )


def perform(job: Job) -> Job:
    for _ in range(job.max_attempts):
        Job.objects.filter(pk=job.pk, state=State.QUEUED).update(run_after=job.created_at)
        run_job(job.pk)
        job.refresh_from_db()
        if not job.is_active:
            break
    return job


def hold(job: Job) -> tuple[str, int]:
    row = Reservation.objects.get(source_id=job.pk)
    return row.state, row.settled


def test_trends_become_a_cited_board(openai: Control, alice: User, trends: list[Trend]) -> None:
    job = perform(request(alice, trends, prompt="studio lighting", tone="dry"))

    assert job.state == State.COMPLETED, job.error_message
    board = Ideaboard.objects.get(pk=job.result["boardId"])
    headings = [node["content"][0]["text"] for node in board.body["content"] if node["type"] == "heading"]
    assert headings == ["Hooks", "Script", "Titles", "Hashtags"]
    assert set(citations(board.body)) <= {str(trend.pk) for trend in trends}
    assert list(citations(board.body))
    assert [source.trend for source in board.sources.all()] == trends
    assert board.body_text == text_of(board.body)
    assert [row.reason for row in board.versions.all()] == ["drafted"]
    generation = Generation.objects.get(pk=job.pk)
    assert (generation.state, generation.board) == ("completed", board)
    assert hold(job) == ("settled", 1)


def test_a_topic_alone_is_enough(openai: Control, alice: User) -> None:
    job = perform(request(alice, [], prompt="studio lighting"))

    board = Ideaboard.objects.get(pk=job.result["boardId"])
    assert not board.sources.exists()
    assert "studio" in board.body_text.lower()


def test_a_provider_that_fails_for_good_costs_nothing(openai: Control, alice: User, trends: list[Trend]) -> None:
    openai.fault("status", status=401)

    job = perform(request(alice, trends))

    assert (job.state, job.error_code) == (State.FAILED, "bad_key")
    assert hold(job) == ("released", 0)
    assert not Ideaboard.objects.exists()
    assert Generation.objects.get(pk=job.pk).state == "failed"


def test_a_cut_answer_is_tried_again_and_charged_once(openai: Control, alice: User, trends: list[Trend]) -> None:
    openai.fault("cut", chunks=20)

    job = perform(request(alice, trends))

    assert (job.state, job.attempt) == (State.COMPLETED, 2)
    assert Ideaboard.objects.count() == 1
    assert hold(job) == ("settled", 1)
    generation = Generation.objects.get(pk=job.pk)
    assert generation.tokens_estimated
    # Both attempts were paid to the provider, so both are counted.
    assert generation.tokens_in > 1.5 * openai_tokens(openai)


def openai_tokens(openai: Control) -> int:
    sent = openai.requests()[0]["body"]["messages"]
    return sum(len(message["content"]) for message in sent) // 4


def test_cancelling_before_the_start_costs_nothing(openai: Control, alice: User, trends: list[Trend]) -> None:
    job = cancel(request(alice, trends), alice)

    assert hold(job) == ("released", 0)
    assert Generation.objects.get(pk=job.pk).state == "stopped"


def test_cancelling_while_the_provider_writes_is_charged(openai: Control, alice: User, trends: list[Trend]) -> None:
    job = request(alice, trends)
    openai.turn(words_per_second=40.0)
    with CancelSoon(job, alice):
        run_job(job.pk)

    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert hold(job) == ("released", 0)
    charged = Reservation.objects.exclude(source_id=job.pk).get()
    assert (charged.settled, charged.reason) == (1, "written before it was cancelled")
    assert UsagePeriod.objects.get().used == 1
    assert [(rule.name, ids) for rule, ids in verify() if ids] == []
    assert not Ideaboard.objects.exists()


def test_a_failed_draft_can_be_asked_for_again(openai: Control, alice: User, trends: list[Trend]) -> None:
    openai.fault("status", status=401)
    first = perform(request(alice, trends))

    second = perform(retry(first, alice))

    assert second.state == State.COMPLETED
    assert Reservation.objects.count() == 2
    with pytest.raises(Conflict):
        retry(second, alice)


def test_trends_deleted_in_the_meantime_end_in_a_named_reason(
    openai: Control, alice: User, trends: list[Trend]
) -> None:
    job = request(alice, trends)
    Trend.objects.all().delete()

    assert perform(job).error_code == "no_sources"
    assert hold(job) == ("released", 0)


def test_what_cannot_be_asked_for(openai: Control, settings: Any, alice: User, bob: User) -> None:
    with pytest.raises(InvalidInput):
        request(alice, [captured(bob)])
    with pytest.raises(InvalidInput):
        request(alice, [])
    settings.OPENAI_API_KEY = ""
    with pytest.raises(Unavailable):
        request(alice, [], prompt="x")
    assert not Job.objects.exists()
    assert not Reservation.objects.exists()
