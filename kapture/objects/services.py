"""Storing, linking and discarding files."""

import hashlib
import mimetypes
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from kapture.core.crash import crashpoint
from kapture.core.errors import VendorFailed
from kapture.jobs.models import ACTIVE, Job
from kapture.objects.models import StoredObject

ABANDONED_AFTER = timedelta(minutes=30)
SALT = "kapture.objects"
State = StoredObject.State


def digest(path: Path) -> str:
    """SHA-256 of a file, as hex, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def store(owner_id: UUID, path: Path, *, suffix: str, content_type: str, job: Job | None = None) -> StoredObject:
    """Put a file into the store and answer its row, still pending: `promote` makes it live with the work's end.

    The row is there before the bytes, so whatever dies in between, the sweeper finds and removes what was left. Call it
    outside a transaction. Raises `VendorFailed` when the store does not hold afterwards what it was given.
    """
    if not re.fullmatch(r"\.[a-z0-9]{1,8}", suffix):
        raise ValueError(f"not a file suffix: {suffix!r}")
    checksum, size = digest(path), path.stat().st_size
    folder = f"u/{owner_id}/{job.pk}/{job.fence}" if job is not None else f"u/{owner_id}/direct"
    row, _ = StoredObject.objects.update_or_create(
        key=f"{folder}/{checksum}{suffix}",
        defaults={
            "owner_id": owner_id,
            "state": State.PENDING,
            "size": size,
            "sha256": checksum,
            "content_type": content_type,
            "job_id": job.pk if job is not None else None,
        },
    )
    crashpoint("objects.intent")
    try:
        if not default_storage.exists(row.key):
            with path.open("rb") as file:
                saved = default_storage.save(row.key, File(file))
            if saved != row.key:
                raise VendorFailed("storage", "store_conflict", "The store kept the file elsewhere.", retryable=True)
        found = default_storage.size(row.key)
    except OSError as error:
        reason = "no_space" if error.errno == 28 else "store_failed"
        raise VendorFailed("storage", reason, "The file could not be stored.", retryable=True) from error
    crashpoint("objects.put")
    if found != size:
        discard(row)
        raise VendorFailed("storage", "store_mismatch", "The store holds another size.", retryable=True)
    return row


def promote(row: StoredObject) -> None:
    """Make a stored file live, inside the transaction that ends the work it came from."""
    StoredObject.objects.filter(pk=row.pk, state=State.PENDING).update(state=State.LIVE, updated_at=Now())
    row.state = State.LIVE


def discard(row: StoredObject) -> None:
    """Mark a file for deletion, in the caller's transaction; the sweeper deletes the bytes."""
    StoredObject.objects.filter(pk=row.pk).update(state=State.DELETING, updated_at=Now())


def sweep(limit: int = 200) -> int:
    """Delete the bytes and rows of discarded files and of files whose job died; returns how many."""
    working = Job.objects.filter(state__in=ACTIVE).values("pk")
    left = Q(state=State.PENDING, updated_at__lt=Now() - ABANDONED_AFTER) & ~Q(job_id__in=working)
    rows = list(StoredObject.objects.filter(Q(state=State.DELETING) | left).order_by("updated_at")[:limit])
    for row in rows:
        default_storage.delete(row.key)
        if not default_storage.exists(row.key):
            row.delete()
    return len(rows)


def link(row: StoredObject, *, filename: str = "", inline: bool = True) -> str:
    """An address that serves the file to anybody who has it, for `MEDIA_LINK_SECONDS`."""
    kind = "inline" if inline else "attachment"
    store: Any = storages["default"]
    if not isinstance(store, FileSystemStorage):
        parameters = {"ResponseContentType": row.content_type}
        if filename:
            parameters["ResponseContentDisposition"] = f'{kind}; filename="{plain(filename)}"'
        return str(store.url(row.key, parameters=parameters, expire=settings.MEDIA_LINK_SECONDS))
    token = signing.dumps([str(row.pk), kind], salt=SALT, compress=False)
    query = f"?{urlencode({'name': filename})}" if filename else ""
    return reverse("objects:serve", args=[token]) + query


def open_link(token: str) -> tuple[UUID, str]:
    """Object id and disposition of a local link; raises `signing.BadSignature` when forged or expired."""
    pk, kind = signing.loads(token, salt=SALT, max_age=settings.MEDIA_LINK_SECONDS)
    return UUID(pk), kind


def plain(name: str) -> str:
    """A file name without anything that could leave a header or a folder."""
    return re.sub(r'[\x00-\x1f\x7f"\\/]+', "_", name).strip(". ")[:150] or "file"


def suffix_of(content_type: str) -> str:
    """The usual file suffix of a type, `.bin` for an unknown one."""
    return mimetypes.guess_extension(content_type) or ".bin"
