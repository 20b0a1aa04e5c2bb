"""What must always hold of downloads (numbers as in docs/invariants.md)."""

from collections.abc import Iterator

from downloads.evidence import digest
from downloads.models import Evidence
from kapture.core.oracle import holds, holds_by


def broken_seals() -> Iterator[str]:
    """Evidence whose seal is not that of its words."""
    for row in Evidence.objects.order_by("pk").iterator(chunk_size=500):
        if digest(row) != row.digest:
            yield str(row.pk)


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
    "A completed download has a live object with its size and checksum, until it expires.",
    """
    SELECT d.id FROM downloads_download d LEFT JOIN objects_storedobject o ON o.id = d.media_id
    WHERE d.state = 'completed' AND d.expired_at IS NULL
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
holds_by("D01 evidence is what it was", "The seal of an evidence is the checksum of its words.", broken_seals)
holds(
    "D02 evidence is of its download's file",
    "Evidence has its download's owner and the checksum of its file; a clip has none of its own.",
    """
    SELECT e.id FROM downloads_evidence e JOIN downloads_download d ON d.id = e.download_id
    WHERE e.owner_id <> d.owner_id OR e.media_sha256 <> d.sha256 OR d.clip_start_s IS NOT NULL
    """,
)
holds(
    "D03 captions and clips stay with their owner",
    "Captions, their files and what a clip was cut from belong to the owner of the download.",
    """
    SELECT d.id FROM downloads_download d
    LEFT JOIN downloads_caption c ON c.download_id = d.id
    LEFT JOIN objects_storedobject f ON f.id = c.file_id
    LEFT JOIN downloads_download p ON p.id = d.parent_id
    WHERE d.owner_id <> coalesce(c.owner_id, d.owner_id) OR d.owner_id <> coalesce(f.owner_id, d.owner_id)
       OR d.owner_id <> coalesce(p.owner_id, d.owner_id)
    """,
)
holds(
    "D04 what expired holds no file",
    "A download that lost its files to age has none, and was completed.",
    """
    SELECT id FROM downloads_download
    WHERE expired_at IS NOT NULL AND (state <> 'completed' OR media_id IS NOT NULL OR thumbnail_id IS NOT NULL)
    """,
)
holds(
    "D05 what is under way is not in the trash",
    "A download in the trash has ended, and leaves it within thirty days and a day.",
    """
    SELECT id FROM downloads_download
    WHERE trashed_at IS NOT NULL AND (state = 'active' OR trashed_at < now() - interval '31 days')
    """,
)
