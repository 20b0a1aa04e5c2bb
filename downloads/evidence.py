"""What a post was at its capture, sealed by a checksum that anybody can compute again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from downloads.models import Download, Evidence
from kapture.core.errors import NotFound, VendorFailed
from kapture.gateways.media.types import About
from kapture.gateways.storage import door
from kapture.objects.models import StoredObject

FORM = "kapture.evidence.1"
# A file up to this size is read again when somebody verifies; longer ones would keep the page waiting.
READ_AGAIN = 64 << 20
# Clips of clips of clips are followed this far.
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: the seal, the media's checksum, and whether the stored file itself was read for it.

    `media` is None when the file is not kept any more.
    """

    seal: bool
    media: bool | None
    was_read: bool = False

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return self.seal and self.media is not False


def capture(download: Download, about: About, sha256: str) -> Evidence:
    """Write down what the site told about a download, inside the transaction that ends it; once and for all."""
    row = Evidence(
        owner_id=download.owner_id,
        download=download,
        captured_at=timezone.now(),
        url=about.webpage_url or download.webpage_url or download.url,
        title=about.title or download.title,
        author=about.author or download.author,
        text=about.description,
        published_at=datetime.fromtimestamp(int(about.published), UTC) if about.published else None,
        metrics=dict(sorted(about.metrics.items())),
        media_sha256=sha256,
    )
    row.digest = digest(row)
    row.save(force_insert=True)
    return row


def statement(row: Evidence) -> dict[str, Any]:
    """What is sealed, in the words of its file."""
    return {
        "form": FORM,
        "capturedAt": _moment(row.captured_at),
        "url": row.url,
        "title": row.title,
        "author": row.author,
        "text": row.text,
        "publishedAt": _moment(row.published_at),
        "metrics": row.metrics,
        "mediaSha256": row.media_sha256,
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None


def canonical(row: Evidence) -> bytes:
    """The one spelling whose checksum counts: JSON in UTF-8, keys in order, no spaces, nothing escaped beyond need."""
    return json.dumps(statement(row), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(row: Evidence) -> str:
    """SHA-256 of the canonical spelling, in hexadecimal."""
    return hashlib.sha256(canonical(row)).hexdigest()


def evidence_of(download: Download) -> Evidence:
    """The evidence of a download, for a clip that of what it was cut from; raises `NotFound` when there is none."""
    origin = _origin(download)
    row: Evidence | None = Evidence.objects.filter(owner_id=download.owner_id, download=origin).first()
    if row is None:
        raise NotFound
    return row


def _origin(download: Download) -> Download | None:
    """What a clip, or a clip of a clip, was cut from at first; None when a link of the chain was deleted."""
    found: Download | None = download
    for _ in range(DEEPEST):
        if found is None or not found.is_clip:
            return found
        if found.parent_id is None:
            return None
        known = Download.objects.filter(owner_id=download.owner_id, pk=found.parent_id)
        found = known.only("id", "parent_id", "clip_start_s", "owner_id").first()
    return None


def verify(row: Evidence) -> Verdict:
    """Compute the seal again, and the checksum of the stored file where that takes no longer than a page may."""
    download = Download._base_manager.select_related("media").get(pk=row.download_id)
    stored = download.media
    if stored is None or stored.state != StoredObject.State.LIVE:
        return Verdict(digest(row) == row.digest, None)
    told = row.media_sha256 == stored.sha256 == download.sha256
    if stored.size > READ_AGAIN:
        return Verdict(digest(row) == row.digest, told)
    return Verdict(digest(row) == row.digest, told and _read(stored.key) == row.media_sha256, was_read=True)


def _read(key: str) -> str:
    """SHA-256 of a stored file, in hexadecimal; empty when the store does not have it."""
    found = hashlib.sha256()
    try:
        for piece in door().pieces(key):
            found.update(piece)
    except VendorFailed as error:
        if error.reason != "store_missing":
            raise
        return ""
    return found.hexdigest()
