"""What this room adds to somebody's export."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from accounts.exporting.names import name_of
from accounts.exporting.register import Media, register_media
from accounts.exporting.rows import CHUNK, register_table
from downloads.models import Caption, Download, Evidence, Keeping, Policy
from kapture.objects.models import StoredObject


def register_all() -> None:
    """Enter rows and files into the register of exports."""
    about = "Downloads; mediaId and thumbnailId are the objectId of media/manifest.jsonl."
    register_table("downloads", Download, "owner", about=about)
    about = "What is said in downloads, by language: cues are [start, end, text] in seconds."
    register_table("captions", Caption, "owner", about=about)
    about = "What the pages of downloads showed at their capture; digest seals it, as docs/captured.md tells."
    register_table("evidence", Evidence, "owner", about=about)
    register_table(
        "download-policies", Policy, "owner", about="How downloads are wanted by default, and of which sites."
    )
    register_table("media-keeping", Keeping, "owner", about="For how many days your plan keeps media, and since when.")
    register_media(_files)
    register_media(_captions)


def _files(user: Any) -> Iterator[Media]:
    """The files of downloads, under names that tell what they are."""
    rows = Download.objects.filter(owner=user).select_related("media", "thumbnail").order_by("pk")
    for download in rows.iterator(chunk_size=CHUNK):
        name = f"{download.created_at:%Y-%m-%d} {name_of(download.headline, download.pk)}"
        for folder, stored in (("media", download.media), ("media/thumbnails", download.thumbnail)):
            if stored is not None and stored.state == StoredObject.State.LIVE:
                yield Media(f"{folder}/{name}{PurePosixPath(stored.key).suffix}", stored)


def _captions(user: Any) -> Iterator[Media]:
    """The caption files of downloads, under the names of their downloads with the language."""
    rows = Caption.objects.filter(owner=user, file__state=StoredObject.State.LIVE).select_related("file", "download")
    for row in rows.order_by("pk").iterator(chunk_size=CHUNK):
        download = row.download
        name = f"{download.created_at:%Y-%m-%d} {name_of(download.headline, download.pk)}"
        yield Media(f"media/captions/{name}.{row.language}.vtt", row.file)
