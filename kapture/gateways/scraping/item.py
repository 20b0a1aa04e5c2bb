"""Reading an actor's item without trusting it: by paths, whatever way its keys are joined."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

MAX_DEPTH: Final = 8
MAX_LIST: Final = 200


class Item:
    """A record seen through paths such as `authorMeta.name`.

    An item comes nested (`{"authorMeta": {"name": …}}`, the API), with dotted keys (`authorMeta.name`, a dataset's
    "overview" view) or with slashes and list positions (`hashtags/0/name`, a CSV export). Text of only blanks, null,
    `{}` and `[]` all count as missing, because actors and exports use them for that.
    """

    __slots__ = ("_fields",)

    def __init__(self, record: Mapping[Any, object]) -> None:
        fields = {key: value for key, value in record.items() if isinstance(key, str)}
        if any("/" in key or "." in key for key in fields):
            fields = {**fields, **_nested(fields)}
        self._fields: Mapping[str, object] = fields

    def get(self, *paths: str) -> object:
        """Value of the first path that holds one, or None."""
        for path in paths:
            value = self._follow(path)
            if not _missing(value):
                return value
        return None

    def values(self, *paths: str) -> list[object]:
        """Values of the first path that holds a list (a lone value counts as a list of one); at most 200."""
        value = self.get(*paths)
        if value is None:
            return []
        found = value if isinstance(value, list | tuple) else [value]
        return [entry for entry in found[:MAX_LIST] if not _missing(entry)]

    def records(self, *paths: str) -> Iterator["Item"]:
        """The records in a list of records; other entries are passed over."""
        for entry in self.values(*paths):
            if isinstance(entry, Mapping):
                yield Item(entry)

    def _follow(self, path: str) -> object:
        current: object = self._fields
        for step in path.split("."):
            if not isinstance(current, Mapping):
                return None
            current = current.get(step)
        return current


def _missing(value: object) -> bool:
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (isinstance(value, Mapping | list | tuple) and not value)


def _nested(fields: Mapping[str, object]) -> dict[str, object]:
    """Joined keys turned into nested values; branches whose steps are all positions become lists."""
    tree: dict[str, object] = {}
    for key, value in fields.items():
        if _missing(value):
            continue
        steps = (key.split("/") if "/" in key else key.split("."))[: MAX_DEPTH + 1]
        if len(steps) in (1, MAX_DEPTH + 1):
            continue
        branch = tree
        for step in steps[:-1]:
            below = branch.setdefault(step, {})
            if not isinstance(below, dict):
                break
            branch = below
        else:
            branch.setdefault(steps[-1], value)
    return {key: _with_lists(value, 0) for key, value in tree.items()}


def _with_lists(value: object, depth: int) -> object:
    if not isinstance(value, dict) or depth > MAX_DEPTH:
        return value
    branch = {key: _with_lists(below, depth + 1) for key, below in value.items()}
    # A position may be missing: spreadsheets show `hashtags/1` where `hashtags/0` is empty. Order is what counts.
    if branch and all(key.isascii() and key.isdigit() and len(key) < 7 for key in branch):
        return [branch[key] for key in sorted(branch, key=int)]
    return branch
