"""A whole board from chosen trends, written by a job."""

from contextlib import closing
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from billing.services import release, reserve, settle
from ideaboards import composing
from ideaboards.models import BoardVersion, Generation
from ideaboards.services.boards import create_board
from ideaboards.services.generations import Order, keep, note, order_of, spent, wanted_trends
from ideaboards.sources import chosen
from ideaboards.specs import TITLE, BoardChanges, WritingSpec, clean
from kapture.audit.services import record
from kapture.core.choices import UsageKind
from kapture.core.crash import crashpoint
from kapture.core.errors import InvalidInput
from kapture.core.ids import new_id
from kapture.gateways import writing
from kapture.gateways.writing import WritingFailed, Written, require_on
from kapture.jobs.errors import JobFailed, JobStopped, Stop
from kapture.jobs.models import Job
from kapture.jobs.models import State as JobState
from kapture.jobs.run import Run
from kapture.jobs.services import enqueue

KIND = "ideaboards.draft"
STAGES = {
    "angle": "Finding the angle",
    "hooks": "Writing hooks",
    "script": "Writing the script",
    "titles": "Writing titles",
    "hashtags": "Choosing hashtags",
}
# Lines a draft usually has, for the progress shown; the bar waits at 95 % for a longer one.
USUAL_LINES = 24


def request_board_draft(user: Any, spec: WritingSpec) -> Job:
    """Reserve one generation and queue the draft; raises `UsageExceeded`, `Unavailable` or `InvalidInput`."""
    require_on()
    if spec.kind is not Generation.Kind.IDEABOARD:
        raise InvalidInput({"kind": ["A draft is an ideaboard."]})
    job_id = new_id()
    with transaction.atomic():
        trends = wanted_trends(user, spec)
        reserve(user, UsageKind.AI_GENERATION, 1, source_id=job_id)
        generation = note(user, job_id, spec)
        title = clean(spec.prompt) or (trends[0].headline if trends else "")
        job = enqueue(user, KIND, spec.as_json(), job_id=job_id, title=f"Ideaboard: {title}", subject_id=job_id)
        record(user, "ideaboards.draft_requested", generation, trends=len(trends))
    return job


def retry_board_draft(user: Any, job: Job) -> Job:
    """The same draft again, as a new job."""
    return request_board_draft(user, WritingSpec.from_json(job.payload))


def perform_board_draft(run: Run) -> None:
    """Write the draft and make the board of it; board, generation and charge commit together."""
    spec = WritingSpec.from_json(run.payload)
    generation = Generation.objects.get(pk=run.job.pk)
    trends = chosen(run.job.owner, spec.trend_ids)
    if not trends and not spec.prompt.strip():
        raise JobFailed("no_sources", "The chosen trends were deleted.", remedy="Choose other trends.")
    order = order_of(generation, spec, trends, None)
    written = _write(run, order)
    crashpoint("ideaboards.before_board")
    lines = order.grounded(written.lines)
    body = composing.board_body([line.as_json() for line in lines])
    changes = BoardChanges(title=(clean(written.title) or order.request.topic)[:TITLE] or "Draft", body=body, version=0)
    board_id = new_id()
    with run.finish({"boardId": str(board_id)}, units=1):
        board = create_board(run.job.owner, changes, reason=BoardVersion.Reason.DRAFTED, sources=trends, pk=board_id)
        keep(
            generation,
            Generation.State.COMPLETED,
            lines,
            written.usage,
            title=written.title[:300],
            model=written.model,
            shortened=written.shortened,
            board=board,
        )


def abandon_board_draft(job: Job) -> None:
    """Tell the generation how the job ended."""
    stopped = job.state != JobState.FAILED
    Generation.objects.filter(pk=job.pk, state=Generation.State.RUNNING).update(
        state=Generation.State.STOPPED if stopped else Generation.State.FAILED,
        error_code=job.error_code,
        error_message=job.error_message[:300],
        finished_at=Now(),
        updated_at=Now(),
    )


def _write(run: Run, order: Order) -> Written:
    run.report(0.02, "Reading the sources")
    asked = False
    try:
        with closing(writing.writer().stream(order.request)) as chunks:
            for chunk in chunks:
                asked = True
                if chunk.written:
                    return chunk.written
                crashpoint("ideaboards.writing")
                stage = STAGES.get(chunk.lines[-1].section, "Writing")
                run.report(min(0.95, 0.05 + 0.9 * len(chunk.lines) / USUAL_LINES), stage)
    except JobStopped as stopped:
        if asked and stopped.why is Stop.CANCELLED:
            _charge_cancelled(run)
        raise
    except WritingFailed as failed:
        if failed.usage is not None:
            with run.step():
                Generation.objects.filter(pk=order.generation.pk).update(**spent(failed.usage))
        raise
    raise JobFailed("cut", "The answer broke off before it was complete.", retryable=True)


def _charge_cancelled(run: Run) -> None:
    """Charge a draft that was cancelled while the provider, paid by then, was writing: it must not be a free one.

    The hold of a job that did not complete is given back whole (invariant I07), so the unit is taken anew.
    """
    charge_id = new_id()
    with transaction.atomic():
        if release(run.job.pk, "cancelled"):
            reserve(run.job.owner, UsageKind.AI_GENERATION, 1, source_id=charge_id, for_job=False)
            settle(charge_id, 1, "written before it was cancelled")
