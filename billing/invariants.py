"""What must always hold of the ledger (numbers as in docs/invariants.md)."""

from kapture.core.oracle import holds

holds(
    "I01 never above the limit",
    "No grant passed the limit of its period by even one unit.",
    "SELECT id FROM billing_reservation WHERE level_after > limit_at_grant",
)
holds(
    "I02 counters equal the ledger",
    "Used is the sum of what was settled, held the sum of what is held.",
    """
    SELECT p.id FROM billing_usageperiod p LEFT JOIN billing_reservation r ON r.period_id = p.id
    GROUP BY p.id
    HAVING p.used <> coalesce(sum(r.settled), 0)
        OR p.held <> coalesce(sum(r.amount) FILTER (WHERE r.state = 'held'), 0)
    """,
)
holds(
    "I03 a hold ends once",
    "A hold is settled with at most what it held, or released with nothing.",
    """
    SELECT id FROM billing_reservation
    WHERE (state = 'held' AND (ended_at IS NOT NULL OR settled <> 0))
       OR (state = 'settled' AND (ended_at IS NULL OR settled NOT BETWEEN 1 AND amount))
       OR (state = 'released' AND (ended_at IS NULL OR settled <> 0))
    """,
)
holds(
    "I07 an ended job holds nothing",
    "The end of a job settles its hold; a failed or cancelled one costs nothing.",
    """
    SELECT j.id FROM jobs_job j JOIN billing_reservation r ON r.source_id = j.id
    WHERE (j.state IN ('completed', 'failed', 'cancelled') AND r.state = 'held')
       OR (j.state IN ('failed', 'cancelled') AND r.settled > 0)
       OR (j.state IN ('queued', 'running') AND r.state <> 'held')
    """,
)
holds(
    "I07 a hold without a job expires",
    "A hold that no job answers for is released within two minutes of its expiry.",
    "SELECT id FROM billing_reservation WHERE state = 'held' AND expires_at < now() - interval '2 minutes'",
)
