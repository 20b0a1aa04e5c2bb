"""Recorded datasets of a folder (JSON lists, and CSV exports turned back into nested items), sorted by platform."""

import csv
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from kapture.sandbox.actors import NOTHING, platform_of, search_of, wanted_posts
from kapture.sandbox.posts import REDDIT, TIKTOK, YOUTUBE, X

Item = dict[str, Any]
_FOLDERS = {YOUTUBE: "youtube", TIKTOK: "tiktok", REDDIT: "reddit", X: "twitter"}

_ADDRESSES = ("url", "webVideoUrl", "postUrl")


def find_recorded(folder: Path) -> Callable[..., list[Item] | None]:
    """A finder that answers every search with the platform's recorded items, unfiltered; the caller cuts them.

    A keyword that is the name of one file (without its ending) finds that file alone; a look finds the items that
    carry one of its addresses, as they were recorded.
    """

    def find(actor: str, value: Mapping[str, Any], now: datetime, growth: float = 1.0) -> list[Item] | None:
        platform = platform_of(actor)
        if platform is None:
            return None
        if urls := set(wanted_posts(platform, value)):
            items = (item for path in recorded_files(folder / _FOLDERS[platform]) for item in read_items(path))
            return [item for item in items if urls & {item.get(name) for name in _ADDRESSES if _is_text(item, name)}]
        keywords = search_of(platform, value, now).keywords
        if keywords and all(word.casefold().startswith(NOTHING) for word in keywords):
            return []
        files = recorded_files(folder / _FOLDERS[platform])
        named = [path for path in files if path.name in keywords or path.stem in keywords]
        return [item for path in named or files for item in read_items(path)]

    return find


def _is_text(item: Item, name: str) -> bool:
    return isinstance(item.get(name), str)


def recorded_files(folder: Path) -> list[Path]:
    """The datasets of one platform's folder, by name."""
    return sorted(path for path in folder.glob("*") if path.suffix in (".json", ".csv"))


@lru_cache(maxsize=64)
def read_items(path: Path) -> list[Item]:
    """Every item of one file, in its order."""
    if path.suffix == ".json":
        items: list[Item] = json.loads(path.read_text(encoding="utf-8"))
        return items
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [nested(row) for row in csv.DictReader(lines)]


def nested(row: Mapping[str, Any]) -> Item:
    """One CSV row as the item it was: `a/0/b` (or `a.b`) becomes lists and objects, empty cells vanish."""
    item: Item = {}
    for name, text in row.items():
        if name and isinstance(text, str) and text != "":
            _put(item, name.split("/") if "/" in name else name.split("."), _typed(text))
    unlisted: Item = _listed(item)
    return unlisted


def _put(item: Item, path: list[str], value: object) -> None:
    for name in path[:-1]:
        if not isinstance(item.get(name), dict):
            item[name] = {}
        item = item[name]
    item[path[-1]] = value


def _typed(text: str) -> object:
    """Booleans come back as booleans; numbers stay text, since ids and counters look alike in a CSV."""
    return {"true": True, "false": False}.get(text, text)


def _listed(value: Any) -> Any:
    """Objects whose keys are all numbers become lists in the order of those numbers."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(item) for key, item in value.items()}
