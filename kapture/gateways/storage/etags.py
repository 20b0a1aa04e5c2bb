"""Whether what a store says of a file's content fits the file."""

import hashlib
import re
from pathlib import Path

WHOLE = re.compile(r'"?([0-9a-f]{32})"?')
PARTS = re.compile(r'"?([0-9a-f]{32})-(\d{1,5})"?')


def proves(etag: str, path: Path, part: int) -> bool:
    """False when the store's tag is an MD5 of other bytes; True when it fits, or tells nothing about the content.

    S3 tags a file with its MD5, or (sent in parts of `part` bytes) with the MD5 of the parts' MD5s and their number;
    with some kinds of encryption at rest the tag is something else, and only the size is proven.
    """
    if whole := WHOLE.fullmatch(etag):
        return whole[1] == _md5(path)
    if parts := PARTS.fullmatch(etag):
        return (parts[1], int(parts[2])) == _md5_of_parts(path, part)
    return True


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _md5_of_parts(path: Path, part: int) -> tuple[str, int]:
    together, count = hashlib.md5(usedforsecurity=False), 0
    with path.open("rb") as file:
        while True:
            one, left = hashlib.md5(usedforsecurity=False), part
            while left and (piece := file.read(min(1 << 20, left))):
                one.update(piece)
                left -= len(piece)
            if left == part:
                return together.hexdigest(), count
            together.update(one.digest())
            count += 1
