"""What of this room goes when somebody leaves."""

from typing import Any

from accounts.closing.scrubbing import erase
from downloads.models import Download


def erase_downloads(user: Any) -> None:
    """Delete downloads; their files go with all other files of the person."""
    erase(Download.objects.filter(owner=user))
