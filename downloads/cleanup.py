"""What is done about media by the clock: by beat, and by a clock elsewhere."""

from dataclasses import dataclass
from datetime import datetime

from downloads.retention import expire_media
from downloads.trash import empty_trash
from kapture.objects.sweeping import Swept, sweep_both


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many downloads lost their files to age, how many left the trash for good, and what the store let go."""

    expired: int
    deleted: int
    swept: Swept


def cleanup_media(now: datetime) -> Cleaned:
    """Let go what is too old or was deleted a month ago, and bring rows and bytes together; a bounded part of each."""
    expired, deleted = expire_media(now), empty_trash(now)
    return Cleaned(expired, deleted, sweep_both())
