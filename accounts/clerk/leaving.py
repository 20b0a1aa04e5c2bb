"""The job that ends a session at Clerk after somebody signed out here."""

from datetime import timedelta

from kapture.gateways import identity
from kapture.jobs.kinds import JobKind
from kapture.jobs.run import Run
from kapture.jobs.services import enqueue


def leave(session_id: str) -> None:
    """See to it that a session at Clerk ends, also when Clerk cannot be reached just now."""
    enqueue(None, LEAVE.name, {"session": session_id}, title="Sign out at Clerk")


def perform_leave(run: Run) -> None:
    """Tell Clerk; a session that has ended is left so."""
    identity.revoke_session(run.job.payload["session"])
    with run.finish({}, units=0):
        pass


LEAVE = JobKind(
    name="accounts.leave_clerk",
    label="Sign-out at Clerk",
    queue="default",
    perform=perform_leave,
    # A session that could not be ended for a day ends by itself, or by hand.
    deadline=timedelta(days=1),
    max_attempts=12,
)
