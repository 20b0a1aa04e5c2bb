"""What of this room goes when somebody leaves."""

from typing import Any

from accounts.closing.scrubbing import erase
from downloads.models import Caption, Download, Evidence, Keeping, Policy


def erase_downloads(user: Any) -> None:
    """Delete downloads with all that came with them; their files go with all other files of the person."""
    for model in (Caption, Evidence, Policy, Keeping, Download):
        erase(model.objects.filter(owner=user))
