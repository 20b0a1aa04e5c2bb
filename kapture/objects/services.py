"""Storing, linking and discarding files."""

import mimetypes
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.http import content_disposition_header

from kapture.core.crash import crashpoint
from kapture.core.errors import VendorFailed
from kapture.core.files import sha256
from kapture.gateways.storage import door
from kapture.jobs.models import Job
from kapture.objects.models import StoredObject

SALT = "kapture.objects"
State = StoredObject.State


def store(
    owner_id: UUID,
    path: Path,
    *,
    suffix: str,
    content_type: str,
    job: Job | None = None,
    told: Callable[[int], None] | None = None,
) -> StoredObject:
    """Put a file into the store and answer its row, still pending: `promote` makes it live with the work's end.

    The row is there before the bytes, so whatever dies in between, the sweeper finds and removes what was left. Call it
    outside a transaction. `told` hears of each piece in bytes, from any thread, so it must not use the database; what
    it raises ends the transfer. Raises `VendorFailed`: `store_down`, `store_refused`, `store_failed`, `no_space`,
    `store_conflict`, or `store_mismatch` when the store does not hold afterwards what it was given.
    """
    if not re.fullmatch(r"\.[a-z0-9]{1,8}", suffix):
        raise ValueError(f"not a file suffix: {suffix!r}")
    checksum, size = sha256(path), path.stat().st_size
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
        found = door().put(row.key, path, content_type=content_type, sha256=checksum, told=told)
        crashpoint("objects.put")
        if found != size:
            raise VendorFailed("storage", "store_mismatch", "The store holds another size.", retryable=True)
    except BaseException:
        # Whatever of it arrived must not lie there until the sweeper takes it for abandoned.
        discard(row)
        raise
    return row


def promote(row: StoredObject) -> None:
    """Make a stored file live, inside the transaction that ends the work it came from."""
    StoredObject.objects.filter(pk=row.pk, state=State.PENDING).update(state=State.LIVE, updated_at=Now())
    row.state = State.LIVE


def discard(row: StoredObject) -> None:
    """Mark a file for deletion, in the caller's transaction; the sweeper deletes the bytes."""
    StoredObject.objects.filter(pk=row.pk).update(state=State.DELETING, updated_at=Now())


def link(row: StoredObject, *, filename: str = "", inline: bool = True) -> str:
    """An address that serves the file to anybody who has it, for `MEDIA_LINK_SECONDS`."""
    kind = "inline" if inline else "attachment"
    name = plain(filename) if filename else ""
    signed = door().signed(
        row.key,
        content_type=row.content_type,
        disposition=disposition(kind, name),
        seconds=settings.MEDIA_LINK_SECONDS,
    )
    if signed is not None:
        return signed
    token = signing.dumps([str(row.pk), kind], salt=SALT, compress=False)
    query = f"?{urlencode({'name': filename})}" if filename else ""
    return reverse("objects:serve", args=[token]) + query


def disposition(kind: str, name: str) -> str:
    """The header that says whether a browser shows a file or saves it, and under which name, in any language."""
    return content_disposition_header(kind == "attachment", name) or kind


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
