"""The work of a closing: stop, leave, erase, scrub; the step it has come to is kept in its row."""

from datetime import timedelta

from django.db.models.functions import Now

from accounts.closing.register import Stage, parts
from accounts.closing.scrubbing import scrub_user
from accounts.models import Closing
from kapture.audit.services import record
from kapture.core.crash import crashpoint
from kapture.jobs.kinds import JobKind
from kapture.jobs.run import Run

KIND = "accounts.close"
Step = Closing.Step
WAY = (
    (Step.LOCKED, Stage.STOP, Step.STOPPED),
    (Step.STOPPED, Stage.LEAVE, Step.UNSUBSCRIBED),
    (Step.UNSUBSCRIBED, Stage.ERASE, Step.ERASED),
)


def perform_close(run: Run) -> None:
    """Go on from the step a closing has come to.

    A vendor who is away ends this attempt, and the next one begins with that stage; `tending.resume` sees to it that
    there is one however long it takes.
    """
    assert run.job.subject_id is not None
    closing = Closing.objects.select_related("user").get(pk=run.job.subject_id)
    for before, stage, after in WAY:
        if closing.step == before:
            _walk(run, closing, stage)
            _move(run, closing, before, after)
    with run.finish({}, units=0):
        scrub_user(closing.user)
        rows = Closing.objects.filter(pk=closing.pk, step=Step.ERASED)
        if rows.update(step=Step.CLOSED, finished_at=Now(), updated_at=Now()):
            record(None, "accounts.closed", closing)


def _walk(run: Run, closing: Closing, stage: Stage) -> None:
    todo = parts(stage)
    for part in todo:
        run.check()
        part.do(closing.user)
        crashpoint(f"closing.{part.name}")


def _move(run: Run, closing: Closing, before: Closing.Step, after: Closing.Step) -> None:
    with run.step():
        Closing.objects.filter(pk=closing.pk, step=before).update(step=after, updated_at=Now())
    closing.step = after
    crashpoint(f"closing.{after.value}")


CLOSE = JobKind(
    name=KIND,
    label="Closing of an account",
    queue="default",
    perform=perform_close,
    # One job tries for an hour and a half; then `tending.resume` makes the next.
    deadline=timedelta(days=1),
    max_attempts=12,
)
