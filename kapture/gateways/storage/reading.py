"""Reading a stored file piece by piece, from whichever store is configured."""

from collections.abc import Iterator

from kapture.gateways.storage.door import door


def pieces(key: str) -> Iterator[bytes]:
    """The bytes under a key; raises `VendorFailed`: `store_missing` for none, `store_down` when the store is away."""
    yield from door().pieces(key)
