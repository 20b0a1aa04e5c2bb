"""What must always hold of jobs (numbers as in docs/invariants.md)."""

from django.conf import settings

from kapture.core.oracle import holds

holds(
    "I04 one end",
    "An accepted job ends in exactly one terminal state before its deadline and a minute.",
    """
    SELECT id FROM jobs_job j
    WHERE (state IN ('queued', 'running') AND deadline_at < now() - %(grace)s * interval '1 second')
       OR (state IN ('completed', 'failed', 'cancelled'))
          <> (SELECT count(*) = 1 FROM jobs_jobevent e WHERE e.job_id = j.id AND e.terminal)
    """,
    grace=60,
)
holds(
    "I05 no zombie",
    "A running job has a lease in the future, or the reaper answers for it within two rounds.",
    """
    SELECT id FROM jobs_job WHERE state = 'running' AND lease_until < now() - %(grace)s * interval '1 second'
    """,
    grace=lambda: settings.JOB_LEASE.total_seconds() / 2,
)
holds(
    "I06 no lost job",
    "A due job is dispatched within a minute.",
    """
    SELECT id FROM jobs_job
    WHERE state = 'queued' AND run_after < now() - interval '60 seconds'
      AND (dispatched_at IS NULL OR dispatched_at < now() - interval '60 seconds')
    """,
)
