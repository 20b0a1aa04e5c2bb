"""The recorded datasets, read in place; they do not travel with the product."""

import csv
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from kapture.core.choices import Platform
from tests.recorded import RECORDED

FOLDERS = {
    "youtube": Platform.YOUTUBE,
    "tiktok": Platform.TIKTOK,
    "reddit": Platform.REDDIT,
    "twitter": Platform.X,
}
FILES = sorted(
    path
    for path in (RECORDED / "apify").glob("*/*")
    if path.suffix in {".json", ".csv"} and path.parent.name in FOLDERS
)


def platform_of(path: Path) -> Platform:
    """The platform of a recorded file."""
    return FOLDERS[path.parent.name]


@lru_cache(maxsize=4)
def records(path: Path) -> list[Any]:
    """The records of one file, CSV rows with their joined keys as they are."""
    if path.suffix == ".json":
        loaded: list[Any] = json.loads(path.read_text(encoding="utf-8"))
        return loaded
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))
