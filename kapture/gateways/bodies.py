"""Reading an answer within bounds of bytes and time."""

import time
from typing import Final

import requests

PIECE: Final = 64 << 10


class TooLarge(Exception):
    """The answer is larger than any honest one."""


class TooLate(Exception):
    """The answer did not end in time."""


def whole(response: requests.Response, *, most: int, until: float) -> bytes:
    """The body of at most `most` bytes by the moment `until` of the monotonic clock; raises `TooLarge`, `TooLate`.

    It is read piece by piece, because a timeout alone lets one byte a second go on for ever.
    """
    parts: list[bytes] = []
    size = 0
    while part := response.raw.read1(PIECE, decode_content=True):
        size += len(part)
        if size > most:
            raise TooLarge
        if time.monotonic() > until:
            raise TooLate
        parts.append(part)
    return b"".join(parts)
