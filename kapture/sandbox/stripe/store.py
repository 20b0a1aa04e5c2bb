"""What the account holds, oldest first, and its clock; kept in a file when there is one."""

import json
import secrets
import string
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Obj = dict[str, Any]
KINDS = (
    "customer", "product", "price", "checkout.session", "billing_portal.session", "subscription", "invoice", "event",
    "idempotency",
)  # fmt: skip
# The oldest of these make room, so that the file stays small.
KEPT = {"event": 2_000, "idempotency": 2_000}
_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, letters: int = 24) -> str:
    """An id as Stripe's, such as `sub_1…`."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(letters))


class Store:
    """Tables of objects in Stripe's own shape; names that begin with `_` are ours and never shown.

    Whoever reads or writes holds `lock`.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.base = ""
        self._file = file
        self._offset = 0
        self._pinned: int | None = None
        self._tables: dict[str, dict[str, Obj]] = {kind: {} for kind in KINDS}
        self._load()

    def now(self) -> int:
        """The account's time in Unix seconds."""
        return int(time.time()) + self._offset if self._pinned is None else self._pinned

    def jump(self, moment: int) -> None:
        """Go to a time; it goes on from there."""
        self._offset = moment - int(time.time())

    @contextmanager
    def at(self, moment: int) -> Iterator[None]:
        """Stand still at a time."""
        before, self._pinned = self._pinned, moment
        try:
            yield
        finally:
            self._pinned = before

    def add(self, obj: Obj) -> Obj:
        """Keep an object by its id."""
        table = self._tables[obj["object"]]
        table[obj["id"]] = obj
        if len(table) > KEPT.get(obj["object"], len(table)):
            del table[next(iter(table))]
        return obj

    def drop(self, kind: str, ident: str) -> None:
        """Forget an object."""
        self._tables[kind].pop(ident, None)

    def find(self, kind: str, ident: str) -> Obj | None:
        """An object by its id."""
        return self._tables[kind].get(ident)

    def newest(self, kind: str, wanted: Callable[[Obj], bool] = lambda _: True) -> list[Obj]:
        """Objects of a kind, newest first."""
        return [obj for obj in reversed(self._tables[kind].values()) if wanted(obj)]

    def oldest(self, kind: str) -> list[Obj]:
        """Objects of a kind, oldest first."""
        return list(self._tables[kind].values())

    def clear(self) -> None:
        """Forget everything and come back to the present."""
        self._offset = 0
        for table in self._tables.values():
            table.clear()
        self.save()

    def save(self) -> None:
        """Write everything to the file, whole or not at all."""
        if not self._file:
            return
        with self.lock:
            part = self._file.with_suffix(".part")
            part.write_text(json.dumps({"offset": self._offset, "base": self.base, "tables": self._tables}))
            part.replace(self._file)

    def _load(self) -> None:
        if not self._file or not self._file.exists():
            return
        try:
            saved = json.loads(self._file.read_text())
            self._offset, self.base = int(saved["offset"]), str(saved["base"])
            self._tables |= {kind: saved["tables"].get(kind, {}) for kind in KINDS}
        except (ValueError, KeyError, TypeError, AttributeError):
            # Written by another version: set aside rather than overwritten.
            self._file.replace(self._file.with_suffix(".unreadable"))


def shown(obj: Obj) -> Obj:
    """A copy as clients see it."""
    return {name: _shown(value) for name, value in obj.items() if not name.startswith("_")}


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return shown(value)
    return [_shown(item) for item in value] if isinstance(value, list) else value
