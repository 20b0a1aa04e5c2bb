"""Stores that misbehave, each in one way a real one can."""

import errno
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage


class FullStore(FileSystemStorage):
    """Has no room left."""

    def _save(self, name: str, content: Any) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")


class BrokenStore(FileSystemStorage):
    """Cannot be written."""

    def _save(self, name: str, content: Any) -> str:
        raise OSError(errno.EIO, "Input/output error")


class ShortStore(FileSystemStorage):
    """Loses the end of what it is given."""

    def _save(self, name: str, content: Any) -> str:
        return super()._save(name, ContentFile(content.read()[:-1]))


class ElsewhereStore(FileSystemStorage):
    """Keeps a file under a name of its own."""

    def _save(self, name: str, content: Any) -> str:
        return super()._save(f"{name}.moved", content)


class StubbornStore(FileSystemStorage):
    """Does not let go of a file."""

    def delete(self, name: str) -> None:
        """Keep it."""
