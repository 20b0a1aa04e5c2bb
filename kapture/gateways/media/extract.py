"""Looking at an address with yt-dlp: what is there, by whom, and which of its formats to take.

Options are fixed here; none comes from a user. ffmpeg is kept out of yt-dlp's sight, so that only its own downloaders,
whose sockets the guard sees, ever fetch.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL

from kapture.core.errors import InvalidInput
from kapture.gateways.egress import check_url
from kapture.gateways.media import announced, telling
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import About, FetchRequest, MediaKind, Quality, Target

Info = dict[str, Any]
PROTOCOLS = frozenset({"http", "https", "m3u8", "m3u8_native", "http_dash_segments"})
IMAGE_SUFFIXES = frozenset({"jpg", "jpeg", "png", "gif", "webp", "avif"})
LIVE = frozenset({"is_live", "is_upcoming", "post_live"})
PLAYLIST_BYTES = 8 << 20

logger = logging.getLogger(__name__)


class _Quiet:
    """Takes yt-dlp's messages: only errors are worth a log line."""

    def debug(self, message: str) -> None:
        """Drop progress chatter."""

    def warning(self, message: str) -> None:
        """Drop advice meant for people at a terminal."""

    def error(self, message: str) -> None:
        """Keep what went wrong; the raised error carries it too."""
        logger.info("yt-dlp: %s", message[: telling.LINE])


def options(request: FetchRequest, scratch: Path, hook: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """The fixed options of one fetch."""
    return {
        "quiet": True,
        "noprogress": True,
        "logger": _Quiet(),
        "ignoreconfig": True,
        "paths": {"home": str(scratch), "temp": str(scratch)},
        "cachedir": False,
        "default_search": "error",
        "noplaylist": True,
        "playlist_items": "1:2",
        "extract_flat": "in_playlist",
        "socket_timeout": request.limits.socket_seconds,
        "retries": 2,
        "fragment_retries": 2,
        "extractor_retries": 1,
        "file_access_retries": 0,
        "skip_unavailable_fragments": False,
        # Blocks of one size: growing ones would leave the page without news on a slow line.
        "buffersize": 32 << 10,
        "noresizebuffer": True,
        "continuedl": False,
        "overwrites": True,
        "updatetime": False,
        "max_filesize": request.limits.max_bytes,
        "hls_prefer_native": True,
        "external_downloader": {"default": "native"},
        "ffmpeg_location": str(scratch / "no-ffmpeg"),
        "fixup": "never",
        "enable_file_urls": False,
        "progress_hooks": [hook],
        "format": _format(request.kind),
        "format_sort": _order(request),
        # Some sites are asked for captions only when they are wanted; nothing is written by yt-dlp itself.
        "writesubtitles": request.subtitles,
        "writeautomaticsub": request.subtitles,
    }


def _format(kind: MediaKind) -> str:
    return {MediaKind.VIDEO: "bv*+ba/b/ba", MediaKind.AUDIO: "ba/b", MediaKind.IMAGE: "b/bv*/ba"}[kind]


def _order(request: FetchRequest) -> list[str]:
    """`res:720` prefers the tallest picture up to 720 lines, else the smallest above; then come codecs to keep."""
    if request.kind is MediaKind.AUDIO:
        return ["+res", "acodec:mp3" if request.target is Target.MP3 else "acodec:aac", "abr"]
    tallest = "res" if request.quality is Quality.BEST else f"res:{request.quality.value}"
    if request.target is Target.WEBM:
        return [tallest, "fps", "vcodec:vp9", "acodec:opus"]
    return [tallest, "fps", "vcodec:h264", "acodec:aac"]


def look(ydl: YoutubeDL, url: str) -> Info:
    """What yt-dlp finds at an address, with its formats chosen; raises `FetchFailed` for lists and live broadcasts."""
    info = ydl.extract_info(url, download=False)
    if info and info.get("_type") == "playlist":
        entries = list(info.get("entries") or ())
        if len(entries) != 1:
            raise FetchFailed(Reason.PLAYLIST if entries else Reason.UNSUPPORTED, detail=f"{len(entries)} entries")
        info = ydl.process_ie_result(entries[0], download=False)
    if not info or info.get("_type", "video") != "video":
        raise FetchFailed(Reason.UNSUPPORTED, detail="no video result")
    if info.get("is_live") or info.get("live_status") in LIVE:
        raise FetchFailed(Reason.LIVE)
    return dict(info)


def chosen(info: Info) -> list[Info]:
    """The formats to download, one file each; raises `FetchFailed` for transports that are not fetched here."""
    formats = info.get("requested_formats") or [info]
    for one in formats:
        if one.get("has_drm"):
            raise FetchFailed(Reason.PROTECTED)
        if one.get("protocol") not in PROTOCOLS:
            raise FetchFailed(Reason.UNSUPPORTED, detail=f"protocol {one.get('protocol')}")
    return formats


def check_ended(ydl: YoutubeDL, info: Info, formats: list[Info]) -> None:
    """Refuse a playlist that is still growing, where the site did not say itself whether it is live.

    A finished one has an end tag or the type VOD (RFC 8216, sections 4.3.3.4 and 4.3.3.5).
    """
    if info.get("live_status") is not None:
        return
    for one in formats:
        if one.get("protocol") in ("m3u8", "m3u8_native"):
            with ydl.urlopen(one["url"]) as response:
                text = response.read(PLAYLIST_BYTES).decode("utf-8", "replace")
            if "#EXTINF" in text and "#EXT-X-ENDLIST" not in text and "#EXT-X-PLAYLIST-TYPE:VOD" not in text:
                raise FetchFailed(Reason.LIVE, detail="no end tag")


def check_links(formats: list[Info], allow: tuple[str, ...]) -> None:
    """Refuse formats whose own link is not one that a user could have asked for."""
    for one in formats:
        try:
            check_url(str(one.get("url", ""))[:2048], allow=allow)
        except InvalidInput as error:
            raise FetchFailed(Reason.REFUSED_ADDRESS, detail=f"format link: {error.details}") from error


def picture_url(info: Info) -> str:
    """The address of the picture at a page: the page itself when it is one, else its best thumbnail."""
    if str(info.get("ext", "")).lower() in IMAGE_SUFFIXES and info.get("url"):
        return str(info["url"])
    thumbnails = [one["url"] for one in info.get("thumbnails") or () if one.get("url")]
    if not thumbnails:
        raise FetchFailed(Reason.UNSUPPORTED, detail="no picture")
    return str(thumbnails[-1])


def about(info: Info) -> About:
    """The facts that the site tells, cut to lengths that a row can hold; unknown or senseless ones are left out."""
    formats = info.get("requested_formats") or [info]
    heights = {int(one["height"]) for one in info.get("formats") or () if telling.positive(one.get("height"))}
    title = telling.line(info.get("title"))
    if info.get("extractor_key") == "HTML5MediaEmbed":
        title = title.removesuffix(" (1)")  # the only item of a page needs no number
    return About(
        title=title,
        author=telling.line(
            info.get("channel") or info.get("uploader") or info.get("creator") or info.get("uploader_id")
        ),
        extractor=telling.line(info.get("extractor_key") or info.get("extractor")),
        webpage_url=str(info.get("webpage_url") or "")[:2048],
        poster_url=str(info.get("thumbnail") or "")[:2048],
        duration=telling.positive(info.get("duration")),
        size=announced_size(formats),
        width=telling.whole(info.get("width")),
        height=telling.whole(info.get("height")),
        heights=tuple(sorted(heights, reverse=True)),
        sizes=announced.sizes(info),
        description=telling.passage(info.get("description")),
        published=telling.published(info),
        metrics=telling.metrics(info),
        language=telling.line(info.get("language"))[:20],
        chapters=telling.chapters(info),
        tags=telling.tags(info),
    )


def announced_size(formats: list[Info]) -> int | None:
    """The bytes that the site announces for all parts together; None when it leaves one out."""
    sizes = [telling.positive(one.get("filesize") or one.get("filesize_approx")) for one in formats]
    known = [size for size in sizes if size is not None]
    return int(sum(known)) if len(known) == len(formats) else None
