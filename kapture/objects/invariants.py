"""What must always hold of stored files (numbers as in docs/invariants.md)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models.functions import Collate
from django.utils import timezone

from kapture.core.oracle import holds, holds_by
from kapture.gateways.storage import Door, Entry, door
from kapture.objects.models import StoredObject

GRACE = timedelta(minutes=30)
PAGE = 1_000


def listing(store: Door) -> Iterator[Entry]:
    """Every file in the store in the order of its key, a page at a time."""
    after = ""
    while page := store.entries(after, PAGE):
        yield from page
        after = page[-1].key


def differing() -> Iterator[str]:
    """Live rows whose file is missing or has another size.

    Rows and listing are gone through side by side, both in the order of the keys' bytes: one request to the store for a
    thousand files. Who seems to differ is asked for by name, since both may have moved meanwhile.
    """
    store = door()
    files = listing(store)
    file = next(files, None)
    rows = StoredObject.objects.filter(state=StoredObject.State.LIVE).order_by(Collate("key", "C"))
    for row in rows.only("pk", "key", "size").iterator(chunk_size=PAGE):
        while file is not None and file.key < row.key:
            file = next(files, None)
        if file is not None and (file.key, file.size) == (row.key, row.size):
            continue
        if store.size_of(row.key) != row.size and _is_live(row):
            yield str(row.pk)


def _is_live(row: StoredObject) -> bool:
    return StoredObject.objects.filter(pk=row.pk, state=StoredObject.State.LIVE).exists()


def orphans() -> Iterator[str]:
    """Files older than half an hour that no row knows."""
    store, after = door(), ""
    while page := store.entries(after, PAGE):
        old = [file.key for file in page if file.modified < timezone.now() - GRACE]
        known = set(StoredObject.objects.filter(key__in=old).values_list("key", flat=True))
        yield from (key for key in old if key not in known and store.size_of(key) is not None)
        after = page[-1].key


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
