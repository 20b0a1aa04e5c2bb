"""What this room adds to somebody's export."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from accounts.exporting.names import name_of
from accounts.exporting.register import Media, register_media
from accounts.exporting.rows import CHUNK, register_table
from downloads.models import Download
from kapture.objects.models import StoredObject


def register_all() -> None:
    """Enter rows and files into the register of exports."""
    about = "Downloads; mediaId and thumbnailId are the objectId of media/manifest.jsonl."
    register_table("downloads", Download, "owner", about=about)
    register_media(_files)


def _files(user: Any) -> Iterator[Media]:
    """The files of downloads, under names that tell what they are."""
    rows = Download.objects.filter(owner=user).select_related("media", "thumbnail").order_by("pk")
    for download in rows.iterator(chunk_size=CHUNK):
        name = f"{download.created_at:%Y-%m-%d} {name_of(download.headline, download.pk)}"
        for folder, stored in (("media", download.media), ("media/thumbnails", download.thumbnail)):
            if stored is not None and stored.state == StoredObject.State.LIVE:
                yield Media(f"{folder}/{name}{PurePosixPath(stored.key).suffix}", stored)
