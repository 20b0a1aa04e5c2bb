"""What must always hold of jobs (numbers as in docs/invariants.md)."""

from django.conf import settings

from kapture.core.oracle import holds
from kapture.jobs.runner import HELD_AT_MOST

holds(
    "I04 one end",
    "An accepted job ends in exactly one terminal state before its deadline and a minute; paused, within 30 days.",
    """
    SELECT id FROM jobs_job j
    WHERE ((state = 'running' OR state = 'queued' AND held_at IS NULL)
           AND deadline_at < now() - %(grace)s * interval '1 second')
       OR (state = 'queued' AND held_at < now() - %(held)s * interval '1 second' - %(grace)s * interval '1 second')
       OR (state IN ('completed', 'failed', 'cancelled'))
          <> (SELECT count(*) = 1 FROM jobs_jobevent e WHERE e.job_id = j.id AND e.terminal)
    """,
    grace=60,
    held=HELD_AT_MOST.total_seconds(),
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
    "A due job that is not paused is sent within a minute, or something it rightly waits for is under way.",
    """
    SELECT id FROM jobs_job j
    WHERE state = 'queued' AND held_at IS NULL AND run_after < now() - interval '60 seconds'
      AND (dispatched_at < now() - interval '60 seconds'
           OR dispatched_at IS NULL AND NOT EXISTS (
             SELECT FROM jobs_job other
             WHERE other.kind = j.kind
               AND (other.state = 'queued' AND other.dispatched_at >= now() - interval '60 seconds'
                    OR other.owner_id = j.owner_id AND (other.state = 'running'
                       OR other.finished_at > now() - interval '60 seconds'))))
    """,
)
