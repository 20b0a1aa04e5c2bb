"""What goes into an export, in which order, and how far that is."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
from django.db.models import Sum

from accounts.exporting.archive import Archive
from accounts.exporting.readme import readme
from accounts.exporting.register import Media, documents, media, parts
from accounts.exporting.rows import CHUNK, patience
from accounts.models import DataExport
from kapture.core.crash import crashpoint
from kapture.jobs.run import Run
from kapture.objects.models import StoredObject
from kapture.objects.services import suffix_of

# Shares of the bar: rows, then files; what is left is storing.
ROWS, FILES = 0.3, 0.9
MANIFEST = "media/manifest.jsonl"


def files_of(user: Any) -> Any:
    """The files of a person that an export holds: all but earlier exports."""
    exports = DataExport.objects.filter(owner=user, stored__isnull=False).values("stored_id")
    return StoredObject.objects.filter(owner=user, state=StoredObject.State.LIVE).exclude(pk__in=exports)


def total_of(user: Any) -> int:
    """Bytes of these files together."""
    return int(files_of(user).aggregate(total=Sum("size"))["total"] or 0)


def write(run: Run, user: Any, folder: Path) -> tuple[Path, dict[str, int]]:
    """Write everything of a person into a file of the folder; answers it, and how many of what are in there."""
    path = folder / "export.zip"
    with Archive(path) as archive, patience():
        counts = _rows(run, archive, user)
        crashpoint("exporting.rows")
        counts["documents"] = _documents(archive, user)
        counts["media"] = _media(run, archive, user, folder / "manifest")
        crashpoint("exporting.media")
        archive.text("README.txt", readme(user, counts))
    return path, counts


def _rows(run: Run, archive: Archive, user: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    every = parts()
    for done, part in enumerate(every):
        share = ROWS * done / len(every)
        name = part.name.replace("_", " ")

        def told(count: int, share: float = share, name: str = name) -> None:
            if count % CHUNK == 0:
                run.report(share, f"Adding {name}", count=count)

        run.report(share, f"Adding {name}")
        counts[part.name] = archive.lines(f"data/{part.name}.jsonl", part.rows(user), told)
    return counts


def _documents(archive: Archive, user: Any) -> int:
    count = 0
    for document in documents(user):
        archive.text(document.path, document.text)
        count += 1
    return count


def _media(run: Run, archive: Archive, user: Any, notes: Path) -> int:
    """Copy the files, then name them; the names wait beside the ZIP, in which one thing at a time can grow."""
    total = total_of(user)
    copied = count = 0

    def told(size: int) -> None:
        nonlocal copied
        copied += size
        share = min(1.0, copied / total) if total else 1.0
        run.report(ROWS + (FILES - ROWS) * share, "Adding media", bytes=copied, total=total)

    with notes.open("wb") as manifest:
        for found in _named(user):
            run.check()
            line = archive.media(found, told)
            manifest.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    with notes.open("rb") as written:
        archive.lines(MANIFEST, map(orjson.loads, written), lambda _: None)
    return count


def _named(user: Any) -> Iterator[Media]:
    """Each file once, by the name a room gives it, else by its id."""
    seen = set()
    nameless = (
        Media(f"media/other/{row.pk}{suffix_of(row.content_type)}", row)
        for row in files_of(user).order_by("pk").iterator(chunk_size=CHUNK)
    )
    for found in chain(media(user), nameless):
        if found.stored.pk not in seen:
            seen.add(found.stored.pk)
            yield found
