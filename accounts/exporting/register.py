"""The register of what an export holds, filled by each room when it is loaded.

Everything is produced piece by piece, so that somebody with a hundred thousand rows needs no more memory than others.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kapture.objects.models import StoredObject

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one kind, which become `data/<name>.jsonl`; `about` tells in a sentence what they are."""

    name: str
    about: str
    rows: Callable[[Any], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Document:
    """A text for people, at a path within the export."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Media:
    """A stored file, at a path within the export."""

    path: str
    stored: StoredObject


_parts: dict[str, Part] = {}
_documents: list[Callable[[Any], Iterable[Document]]] = []
_media: list[Callable[[Any], Iterable[Media]]] = []


def register(name: str, rows: Callable[[Any], Iterable[Row]], *, about: str) -> None:
    """Add rows; the function gets the user."""
    _parts[name] = Part(name, about, rows)


def register_documents(documents: Callable[[Any], Iterable[Document]]) -> None:
    """Add texts for people."""
    _documents.append(documents)


def register_media(media: Callable[[Any], Iterable[Media]]) -> None:
    """Name stored files by readable paths; files that nobody names are added by their ids."""
    _media.append(media)


def parts() -> list[Part]:
    """All kinds of rows, by name."""
    return [_parts[name] for name in sorted(_parts)]


def documents(user: Any) -> Iterable[Document]:
    """All texts."""
    for documents_of in _documents:
        yield from documents_of(user)


def media(user: Any) -> Iterable[Media]:
    """All files that a room names."""
    for media_of in _media:
        yield from media_of(user)
