"""What the download service tells, read back into the values of a fetch; what makes no sense is `SERVICE_FAULT`."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import About, Fetched, Progress
from kapture.gateways.media.wire import Message, read_message

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SHA256: Final = re.compile(r"[0-9a-f]{64}")
MOST_FILES: Final = 32


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file that waits at the service: its name there and here, its bytes, and their SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


def read_about(values: Mapping[str, Any]) -> About | None:
    """What the site says of the media, when the service knows it already."""
    found = _read("about", values.get("about"))
    return found if isinstance(found, About) else None


def read_progress(values: Mapping[str, Any]) -> Progress | None:
    """How far the fetch is."""
    found = _read("progress", values.get("progress"))
    return found if isinstance(found, Progress) else None


def read_failure(values: Mapping[str, Any]) -> FetchFailed | None:
    """How the fetch failed, when it has."""
    failed = values.get("failed")
    found = _message(failed, Path()) if failed else None
    return found if isinstance(found, FetchFailed) else None


def read_fetched(values: Mapping[str, Any], scratch: Path) -> Fetched:
    """The finished fetch, its files being those of the same names in `scratch`."""
    found = _read("fetched", values.get("fetched"), scratch)
    if not isinstance(found, Fetched):
        raise fault("no result")
    return found


def read_files(values: Mapping[str, Any]) -> list[FileEntry]:
    """The files that wait at the service, each with a name that is safe in a folder of ours."""
    listed = values.get("files")
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_FILES:
        raise fault("no list of files")
    entries = [_entry(one) for one in listed]
    if len({one.name for one in entries}) != len(entries):
        raise fault("two files of one name")
    return entries


def _entry(value: object) -> FileEntry:
    match value:
        case {"name": str(name), "size": int(size), "sha256": str(sha256)} if (
            NAME.fullmatch(name) and SHA256.fullmatch(sha256) and size >= 0
        ):
            return FileEntry(name, size, sha256)
    raise fault("a file without name, size or checksum")


def fault(detail: str) -> FetchFailed:
    """The failure of an answer that is not understood."""
    return FetchFailed(Reason.SERVICE_FAULT, detail=detail)


def _read(name: str, value: object, scratch: Path = Path()) -> Message | None:
    return None if value is None else _message({name: value}, scratch)


def _message(value: object, scratch: Path) -> Message:
    try:
        found = read_message(json.dumps(value).encode(), scratch)
        detail = found.detail if isinstance(found, FetchFailed) else ""
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise fault(f"{type(error).__name__}: {error}") from error
    if not isinstance(detail, str) or not _fits(found, type(found)):
        raise fault("a value of another type than agreed")
    return found


def _fits(value: object, hint: Any) -> bool:
    """Whether a value is what its annotation says, and so are the values in it: JSON lets anything stand anywhere."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in inside)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(one, inside[0]) for one in value)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(one, inside[1]) for one in value.values())
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        return False
    if not is_dataclass(hint):
        return True
    return all(_fits(getattr(value, name), one) for name, one in get_type_hints(hint).items())
