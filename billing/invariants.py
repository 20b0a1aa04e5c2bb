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
holds(
    "I02 a key's day equals its charges",
    "What a key with a cap spent on a day is what its work holds and was charged.",
    """
    SELECT d.id FROM billing_keyday d LEFT JOIN billing_reservation r ON r.key_day_id = d.id
    GROUP BY d.id
    HAVING d.spent <> coalesce(sum(CASE r.state WHEN 'held' THEN r.amount ELSE r.settled END), 0)
    """,
)
holds(
    "I02 a month put away holds nothing",
    "A month is put away after its end, when no work is charged to it any more.",
    "SELECT id FROM billing_usageperiod WHERE archived_at IS NOT NULL AND (held > 0 OR archived_at < ends_at)",
)
holds(
    "I12 a copy names its subscription",
    "There is one copy a person; it has a state exactly when it is of a subscription at Stripe.",
    """
    SELECT id FROM billing_subscription WHERE (stripe_id IS NULL) <> (status = '')
    UNION ALL SELECT user_id FROM billing_subscription GROUP BY user_id HAVING count(*) > 1
    """,
)
holds(
    "I13 what was paid is given once",
    "A payment for a pack gave its units once, to who paid, and nothing is given twice for one reason.",
    """
    SELECT c.id FROM billing_checkout c
    WHERE c.state = 'paid' AND c.pack_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM billing_usageperiod p
        WHERE p.source = 'purchase' AND p.source_id = c.stripe_id AND p.user_id = c.user_id)
    UNION ALL
    SELECT min(id::text)::uuid FROM billing_usageperiod WHERE source <> 'month'
    GROUP BY source, source_id HAVING count(*) > 1
    """,
)
holds(
    "I13 a visit ends",
    "A visit to the payment page ends within hours when it has no page, and within weeks when its money does not come.",
    """
    SELECT id FROM billing_checkout WHERE state = 'open' AND (
        (stripe_id IS NULL AND created_at < now() - interval '2 days') OR created_at < now() - interval '31 days')
       OR (state = 'open') <> (ended_at IS NULL)
    """,
)
