"""What must always hold of downloads (numbers as in docs/invariants.md)."""

from kapture.core.oracle import holds

holds(
    "I04 a download ends as its job does",
    "State of a download and of its job never differ.",
    """
    SELECT d.id FROM downloads_download d JOIN jobs_job j ON j.id = d.job_id
    WHERE d.state <> CASE WHEN j.state IN ('queued', 'running') THEN 'active' ELSE j.state END
    """,
)
holds(
    "I08 a completed download has one live file",
    "A completed download has a live object with its size and checksum.",
    """
    SELECT d.id FROM downloads_download d LEFT JOIN objects_storedobject o ON o.id = d.media_id
    WHERE d.state = 'completed'
      AND (o.id IS NULL OR o.state <> 'live' OR o.size <> d.size OR o.sha256 <> d.sha256)
    """,
)
holds(
    "I17 a download stays with its owner",
    "Job, trend and files of a download belong to its owner.",
    """
    SELECT d.id FROM downloads_download d
    JOIN jobs_job j ON j.id = d.job_id
    LEFT JOIN trends_trend t ON t.id = d.trend_id
    LEFT JOIN objects_storedobject m ON m.id = d.media_id
    LEFT JOIN objects_storedobject p ON p.id = d.thumbnail_id
    WHERE d.owner_id <> j.owner_id OR d.owner_id <> coalesce(t.owner_id, d.owner_id)
       OR d.owner_id <> coalesce(m.owner_id, d.owner_id) OR d.owner_id <> coalesce(p.owner_id, d.owner_id)
    """,
)
