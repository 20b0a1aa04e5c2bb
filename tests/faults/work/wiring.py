"""A kind of job whose steps can be counted."""

import time
from datetime import timedelta

from kapture.core.crash import crashpoint
from kapture.jobs import kinds
from kapture.jobs.run import Run


def perform(run: Run) -> None:
    """Sleep in small reported steps, then finish with one unit."""
    steps = run.payload.get("steps", 3)
    for step in range(steps):
        run.report(step / steps, f"Step {step}")
        with run.step():
            crashpoint("work.inside_step")
        time.sleep(run.payload.get("pause", 0.05))
        run.check()
    with run.finish({"steps": steps}, units=1):
        crashpoint("work.inside_finish")


kinds.register(
    kinds.JobKind(name="test.work", label="Work", queue="default", perform=perform, deadline=timedelta(minutes=2))
)
