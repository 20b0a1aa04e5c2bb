"""Folders of this machine as a store."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage

from kapture.core.errors import VendorFailed
from kapture.gateways.storage.entry import PIECE, ROOT, SERVICE, Entry, missing

# No room on the disk, none in the user's share of it, or the largest file a process may write.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class _Told(File):  # type: ignore[type-arg]
    """A file that tells how much of it was read."""

    def __init__(self, file: Any, told: Callable[[int], None]) -> None:
        super().__init__(file)
        self._told = told

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Its pieces, each told."""
        for piece in super().chunks(chunk_size):
            yield piece
            self._told(len(piece))


class LocalFiles:
    """The door in front of Django's store of files."""

    is_remote = False

    def __init__(self, store: FileSystemStorage) -> None:
        self._store = store

    def put(
        self, key: str, path: Path, *, content_type: str, sha256: str, told: Callable[[int], None] | None = None
    ) -> int:
        """Copy a file; its size is proven, its content is what the system wrote. Raises `no_space`, `store_failed`."""
        with _named():
            # What an interrupted attempt left under this key is of no use.
            if self._store.exists(key) and self._store.size(key) != path.stat().st_size:
                self._store.delete(key)
            if not self._store.exists(key):
                self._save(key, path, told)
        return self._store.size(key)

    def _save(self, key: str, path: Path, told: Callable[[int], None] | None, *, again: bool = True) -> None:
        try:
            with path.open("rb") as file:
                saved = self._store.save(key, _Told(file, told) if told else File(file))
        except FileNotFoundError:
            # Somebody removed the folder, which was empty, at the moment in which this file came.
            if not again:
                raise
            self._save(key, path, told, again=False)
            return
        if saved != key:
            self._store.delete(saved)
            raise VendorFailed(SERVICE, "store_conflict", "The store kept the file elsewhere.", retryable=True)

    def size_of(self, key: str) -> int | None:
        """Bytes of a file; None when there is none."""
        try:
            return self._store.size(key)
        except FileNotFoundError:
            return None

    def pieces(self, key: str) -> Iterator[bytes]:
        """A file, piece by piece."""
        try:
            with self._store.open(key) as file:
                while piece := file.read(PIECE):
                    yield piece
        except FileNotFoundError as error:
            raise missing() from error
        except OSError as error:
            raise VendorFailed(SERVICE, "store_failed", "The file could not be read.", retryable=True) from error

    def remove(self, key: str) -> bool:
        """Delete a file; its folders go when they are empty."""
        with _named():
            self._store.delete(key)
            if self._store.exists(key):
                return False
        self._prune(Path(self._store.path(key)).parent)
        return True

    def _prune(self, folder: Path) -> None:
        """Remove folders that became empty; the one of the attempt, of the job, of the person."""
        root = Path(self._store.path(ROOT))
        while root in folder.parents:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def entries(self, after: str, limit: int) -> list[Entry]:
        """Files in the order of their keys' bytes; no more than one folder's names are in memory at a time."""
        return list(islice(self._walk(ROOT.rstrip("/"), after), min(limit, 1_000)))

    def _walk(self, folder: str, after: str) -> Iterator[Entry]:
        try:
            with os.scandir(self._store.path(folder)) as found:
                # A folder sorts as its keys do, which go on with a slash.
                names = sorted(f"{one.name}/" if one.is_dir(follow_symlinks=False) else one.name for one in found)
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in names:
            key = f"{folder}/{name}"
            if name.endswith("/"):
                if key > after or after.startswith(key):
                    yield from self._walk(key.rstrip("/"), after)
            elif key > after and (entry := self._entry(key)) is not None:
                yield entry

    def _entry(self, key: str) -> Entry | None:
        try:
            known = Path(self._store.path(key)).stat()
        except FileNotFoundError:
            return None
        return Entry(key, known.st_size, datetime.fromtimestamp(known.st_mtime, UTC))

    def forget_halves(self, limit: int) -> int:
        """Nothing is uploaded in parts here."""
        return 0

    def signed(self, key: str, *, content_type: str, disposition: str, seconds: int) -> str | None:
        """None: this product serves these files itself."""
        return None


@contextmanager
def _named() -> Iterator[None]:
    """Give what the system says a name."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise VendorFailed(SERVICE, "no_space", "The store has no room left.", retryable=True) from error
        raise VendorFailed(SERVICE, "store_failed", "The file could not be stored.", retryable=True) from error
