"""The lines that the two processes exchange: one JSON object per line, made from and read into the fetch's types."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import (
    About,
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
    )
    return request, bool(values["preview"])


def write_message(message: Message) -> bytes:
    """One line of the child's answer."""
    values: dict[str, Any]
    match message:
        case FetchFailed():
            values = {"error": message.reason, "detail": message.detail[:2000]}
        case Fetched():
            thumbnail = message.thumbnail.name if message.thumbnail else None
            values = {"about": asdict(message.about), "facts": asdict(message.facts)}
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
        fetched = values["fetched"]
        return Fetched(
            about=_about(fetched["about"]),
            facts=Facts(**fetched["facts"]),
            path=scratch / Path(fetched["path"]).name,
            thumbnail=scratch / Path(fetched["thumbnail"]).name if fetched["thumbnail"] else None,
        )
    if "about" in values:
        return _about(values["about"])
    return Progress(**{**values["progress"], "stage": Stage(values["progress"]["stage"])})


def _about(values: dict[str, Any]) -> About:
    return About(**{**values, "heights": tuple(values["heights"])})
