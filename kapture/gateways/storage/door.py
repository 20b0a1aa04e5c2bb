"""What every store can do, and the one that is configured."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, cast

from django.core.files.storage import FileSystemStorage, storages

from kapture.gateways.storage.entry import Entry
from kapture.gateways.storage.local import LocalFiles

__all__ = ["Door", "Entry", "door"]


class Door(Protocol):
    """A store by its keys. Each call raises `VendorFailed` with the reason when the store does not do its part."""

    is_remote: bool

    def put(
        self, key: str, path: Path, *, content_type: str, sha256: str, told: Callable[[int], None] | None = None
    ) -> int:
        """Keep the bytes of a file under a key and answer how many the store holds then.

        What can be proven about their content is proven here. `told` hears of each piece in bytes and may raise, which
        ends the transfer.
        """
        ...

    def size_of(self, key: str) -> int | None:
        """Bytes kept under a key; None when there is nothing."""
        ...

    def pieces(self, key: str) -> Iterator[bytes]:
        """The bytes under a key, at most a MiB at a time; `store_missing` when there are none."""
        ...

    def remove(self, key: str) -> bool:
        """Delete what is under a key, if anything is, and answer whether it is gone."""
        ...

    def entries(self, after: str, limit: int) -> list[Entry]:
        """The files that follow a key in the order of their keys' bytes, at most so many (and at most 1,000)."""
        ...

    def forget_halves(self, limit: int) -> int:
        """Discard uploads in parts that were begun long ago and never ended, at most so many; how many there were."""
        ...

    def signed(self, key: str, *, content_type: str, disposition: str, seconds: int) -> str | None:
        """An address that serves the file to anybody for a while; None where this product serves it itself."""
        ...


def door() -> Door:
    """The store that is configured."""
    store: Any = storages["default"]
    return LocalFiles(store) if isinstance(store, FileSystemStorage) else cast("Door", store)
