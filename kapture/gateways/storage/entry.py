"""What a listing of the store tells of one file."""

from dataclasses import dataclass
from datetime import datetime

from kapture.core.errors import VendorFailed

# Everything of people lies under this prefix; whatever else is in the bucket is not ours.
ROOT = "u/"
SERVICE = "storage"
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the store: its key, its size in bytes, and when it was written."""

    key: str
    size: int
    modified: datetime


def missing() -> VendorFailed:
    """What is said when a store has no such file."""
    return VendorFailed(SERVICE, "store_missing", "The store does not have this file.")
