"""What must always hold of events (numbers as in docs/invariants.md)."""

from kapture.core.oracle import holds

holds(
    "I11 an event waits for its job",
    "A received event has a job that has not ended; an applied one says when.",
    """
    SELECT e.id FROM inbox_webhookevent e
    WHERE (e.state = 'received' AND NOT EXISTS (
             SELECT 1 FROM jobs_job j WHERE j.subject_id = e.id AND j.state IN ('queued', 'running')))
       OR (e.state = 'applied') <> (e.applied_at IS NOT NULL)
    """,
)
