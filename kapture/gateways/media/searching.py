"""The process that reads YouTube: `kapture.gateways.media.searching`, started behind walls for one step of a search.

Reads one line of JSON from standard input and answers with lines of JSON: one for each item, and how it ended. It works
behind the walls of the process that downloads (`guard`) and dies with the process that started it.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL
from yt_dlp.networking.exceptions import HTTPError, TransportError
from yt_dlp.utils import YoutubeDLError

from kapture.gateways.media import guard
from kapture.gateways.media.types import Limits
from kapture.gateways.media.walls import way_out
from kapture.gateways.media.wire import answers

MAX_TEXT = 20_000
SOCKET_SECONDS = 10.0
LONGEST_WAIT = 600
# How far errors are wrapped around each other.
DEEPEST = 8
KEPT = (
    "id", "url", "webpage_url", "title", "description", "view_count", "like_count", "comment_count", "timestamp",
    "upload_date", "duration", "channel_id", "channel", "uploader", "uploader_id", "uploader_url", "channel_url",
    "channel_follower_count", "thumbnail", "language", "live_status",
)  # fmt: skip
# What a look at a known video is for; the rest is known better from the search.
MEASURED = ("id", "title", "view_count", "like_count", "comment_count", "timestamp", "duration", "channel_id")
GONE = ("private video", "video unavailable", "has been removed", "no longer available", "account associated")
WALL = ("not a bot", "sign in to confirm", "captcha", "unusual traffic")


class _Ear:
    """Takes yt-dlp's messages; what it only warns of may be why a video tells nothing."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def debug(self, message: str) -> None:
        """Drop chatter."""

    def warning(self, message: str) -> None:
        """Keep it."""
        self.heard.append(message[:500])

    error = warning


def main() -> int:
    """Serve the one request on standard input; 0 when the answer was said, whatever it is."""
    request = json.loads(sys.stdin.buffer.readline())
    guard.limit_resources(Limits(max_bytes=1 << 20, max_seconds=float(request["seconds"]), memory_bytes=1 << 30))
    guard.watch_sockets(way_out(), frozenset())
    with guard.dying_with_parent(sys.stdin.fileno(), Path.cwd()), answers() as stream:
        for message in read(request):
            stream.write(json.dumps(message).encode() + b"\n")
            stream.flush()
    return 0


def read(request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each item of the request's addresses, then that it is done, or why it broke off."""
    ear = _Ear()
    try:
        with YoutubeDL(options(request, ear)) as ydl:
            for url in request["urls"]:
                items = _entries(ydl, url) if request["is_list"] else [_video(ydl, url, ear)]
                yield from ({"item": item} for item in items)
    except guard.RefusedAddress as error:
        yield {"failed": "unreachable", "detail": str(error)}
    except (YoutubeDLError, OSError, MemoryError) as error:
        yield explain(error)
    else:
        yield {"done": True}


def options(request: Mapping[str, Any], ear: _Ear) -> dict[str, Any]:
    """The fixed options; none comes from a user."""
    return {
        "quiet": True,
        "noprogress": True,
        "logger": ear,
        "ignoreconfig": True,
        "cachedir": False,
        "skip_download": True,
        "extract_flat": "in_playlist",
        "lazy_playlist": True,
        "playlist_items": f"1:{request['most']}",
        # No other site is asked, wherever an answer leads.
        "allowed_extractors": ["youtube", "youtube:search_url"],
        "ignore_no_formats_error": True,
        "socket_timeout": SOCKET_SECONDS,
        # Whoever asked decides whether to ask again.
        "extractor_retries": 0,
        "retries": 0,
        "nocheckcertificate": bool(request["is_stand_in"]),
        "extractor_args": {
            "youtubetab": {"approximate_date": [""], "skip": ["webpage"]},
            "youtube": {
                "raise_incomplete_data": ["1"],
                # Only what is told about a video is wanted, not how to play it.
                "player_client": ["web"],
                "player_skip": ["webpage", "configs", "js", "initial_data"],
                "skip": ["hls", "dash", "translated_subs"],
                "fetch_pot": ["never"],
            },
        },
    }


def _entries(ydl: YoutubeDL, url: str) -> Iterator[dict[str, Any]]:
    info = ydl.extract_info(url, download=False) or {}
    yield from (_kept(entry) for entry in info.get("entries") or () if entry)


def _video(ydl: YoutubeDL, url: str, ear: _Ear) -> dict[str, Any]:
    """What a known video counts now; one that is gone says nothing about the others."""
    ear.heard.clear()
    try:
        info = ydl.extract_info(url, download=False, process=False) or {}
    except YoutubeDLError as error:
        if not any(words in str(error).lower() for words in GONE):
            raise
        info = {}
    if info.get("view_count") is not None:
        return {**{name: info[name] for name in MEASURED if info.get(name) is not None}, "url": url, "is_exact": True}
    said = " ".join(ear.heard)
    if any(words in said.lower() for words in WALL):
        raise YoutubeDLError(said)
    return {"error": "gone", "url": url}


def _kept(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The values we read; the largest of several pictures is the last."""
    values = {name: entry[name] for name in KEPT if entry.get(name) is not None}
    pictures = [one["url"] for one in entry.get("thumbnails") or () if one.get("url")]
    texts = {name: value[:MAX_TEXT] for name, value in values.items() if isinstance(value, str)}
    return {**values, **texts, **({"thumbnail": pictures[-1]} if pictures else {})}


def explain(error: BaseException) -> dict[str, Any]:
    """Why it broke off, as one of the reasons that `scraping.search` knows."""
    cause = _cause(error)
    told: dict[str, Any] = {"detail": str(error)[:500]}
    if isinstance(cause, HTTPError):
        return told | _refused(cause)
    if isinstance(cause, TransportError | OSError):
        late = isinstance(cause, TimeoutError) or "timed out" in str(cause).lower()
        return told | {"failed": "timeout" if late else "unreachable"}
    wall = any(words in str(error).lower() for words in WALL)
    return told | {"failed": "refused" if wall else "bad_answer"}


def _refused(error: HTTPError) -> dict[str, Any]:
    if error.status == 429:
        header = str(error.response.headers.get("retry-after", ""))
        is_number = header.isascii() and header.isdigit() and len(header) < 9
        return {"failed": "rate_limited", "retry_after": max(1, min(int(header), LONGEST_WAIT)) if is_number else None}
    if error.status >= 500:
        return {"failed": "down"}
    return {"failed": "refused" if error.status in (401, 403) else "bad_answer"}


def _cause(error: BaseException) -> BaseException:
    """The error of the network behind those that yt-dlp wrapped around it."""
    seen: BaseException | None = error
    for _ in range(DEEPEST):
        if seen is None or isinstance(seen, HTTPError | TransportError):
            break
        inside = getattr(seen, "exc_info", None)
        deeper: BaseException | None = (inside[1] if inside else None) or getattr(seen, "cause", None)
        seen = (deeper if deeper is not seen else None) or seen.__cause__
    return error if seen is None else seen


if __name__ == "__main__":
    sys.exit(main())
