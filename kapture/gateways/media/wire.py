"""The lines that the two processes exchange: one JSON object per line, made from and read into the fetch's types."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import (
    About,
    CaptionFile,
    Chapter,
    CutRequest,
    Facts,
    Fetched,
    FetchRequest,
    Limits,
    MediaKind,
    Progress,
    Quality,
    Stage,
    Target,
)

Message = About | Progress | Fetched | FetchFailed


def answers() -> BinaryIO:
    """Standard output, kept for our own lines: whatever a library prints goes to the log on standard error."""
    kept = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(kept, "wb")


def write_request(request: FetchRequest, *, preview: bool) -> bytes:
    """The one line that the child reads."""
    return json.dumps({**asdict(request), "preview": preview}).encode() + b"\n"


def read_request(line: bytes) -> tuple[FetchRequest, bool]:
    """The request of a line, and whether only a look is wanted."""
    values = json.loads(line)
    request = FetchRequest(
        url=values["url"],
        kind=MediaKind(values["kind"]),
        quality=Quality(values["quality"]),
        target=Target(values["target"]),
        limits=Limits(**values["limits"]),
        allow=tuple(values["allow"]),
        subtitles=bool(values.get("subtitles")),
    )
    return request, bool(values["preview"])


def write_cut(request: CutRequest) -> bytes:
    """The one line that the process that cuts reads."""
    return json.dumps(asdict(request)).encode() + b"\n"


def read_cut(line: bytes) -> CutRequest:
    """The request of such a line."""
    values = json.loads(line)
    return CutRequest(
        start=float(values["start"]),
        end=float(values["end"]),
        kind=MediaKind(values["kind"]),
        target=Target(values["target"]),
        limits=Limits(**values["limits"]),
    )


def write_message(message: Message) -> bytes:
    """One line of the child's answer."""
    values: dict[str, Any]
    match message:
        case FetchFailed():
            values = {"error": message.reason, "detail": message.detail[:2000]}
        case Fetched():
            thumbnail = message.thumbnail.name if message.thumbnail else None
            captions = [[one.language, one.automatic, one.path.name] for one in message.captions]
            values = {"about": asdict(message.about), "facts": asdict(message.facts), "captions": captions}
            values = {"fetched": {**values, "path": message.path.name, "thumbnail": thumbnail}}
        case About():
            values = {"about": asdict(message)}
        case Progress():
            values = {"progress": asdict(message)}
    return json.dumps(values).encode() + b"\n"


def read_message(line: bytes, scratch: Path) -> Message:
    """The message of a line; files are looked for in the scratch folder only."""
    values = json.loads(line)
    if "error" in values:
        return FetchFailed(Reason(values["error"]), detail=values["detail"])
    if "fetched" in values:
        return _fetched(values["fetched"], scratch)
    if "about" in values:
        return _about(values["about"])
    return Progress(**{**values["progress"], "stage": Stage(values["progress"]["stage"])})


def _fetched(values: dict[str, Any], scratch: Path) -> Fetched:
    return Fetched(
        about=_about(values["about"]),
        facts=Facts(**values["facts"]),
        path=scratch / Path(values["path"]).name,
        thumbnail=scratch / Path(values["thumbnail"]).name if values["thumbnail"] else None,
        captions=tuple(
            CaptionFile(language, automatic, scratch / Path(name).name)
            for language, automatic, name in values.get("captions", ())
        ),
    )


def _about(values: dict[str, Any]) -> About:
    chapters = tuple(Chapter(**one) for one in values.get("chapters", ()))
    tags = tuple(values.get("tags", ()))
    sizes = tuple((int(height), int(size)) for height, size in values.get("sizes", ()))
    fixed = {"heights": tuple(values["heights"]), "sizes": sizes, "chapters": chapters, "tags": tags}
    return About(**{**values, **fixed})
