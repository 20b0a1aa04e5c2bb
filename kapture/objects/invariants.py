"""What must always hold of stored files (numbers as in docs/invariants.md)."""

from collections.abc import Iterator
from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from kapture.core.oracle import holds, holds_by
from kapture.objects.models import StoredObject

GRACE = timedelta(minutes=30)


def differing() -> Iterator[str]:
    """Live rows whose file is missing or has another size."""
    for row in StoredObject.objects.filter(state=StoredObject.State.LIVE).iterator():
        if not default_storage.exists(row.key) or default_storage.size(row.key) != row.size:
            yield str(row.pk)


def keys(folder: str = "u") -> Iterator[str]:
    """Keys of all files in the store."""
    if not default_storage.exists(folder):
        return
    folders, files = default_storage.listdir(folder)
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from keys(f"{folder}/{name}")


def orphans() -> Iterator[str]:
    """Files older than half an hour that no row knows."""
    known = set(StoredObject.objects.values_list("key", flat=True))
    for key in keys():
        if key not in known and default_storage.get_modified_time(key) < timezone.now() - GRACE:
            yield key


holds_by("I08 a live row has its file", "A live object is in the store with the size its row says.", differing)
holds_by("I09 a file has its row", "No file older than half an hour is unknown to the rows.", orphans)
holds(
    "I09 nothing stays discarded",
    "A discarded file is gone within half an hour.",
    "SELECT id FROM objects_storedobject WHERE state = 'deleting' AND updated_at < now() - interval '30 minutes'",
)
holds(
    "I10 a key begins with its owner",
    "Every key lies in its owner's folder.",
    "SELECT id FROM objects_storedobject WHERE key NOT LIKE 'u/' || owner_id || '/%%'",
)
