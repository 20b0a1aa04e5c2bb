"""YouTube videos and Shorts: items of `streamers/youtube-scraper` and its channel scraper, and Kaggle's trending table.

The id decides: it is taken from `id` / `video_id`, else from the address, else from the thumbnail's address (ids that
begin with "-" or "=" are what spreadsheets destroy, as `#NAME?`). `/shorts/ID` stays a Short, every other address form
(youtu.be, live, embed, mobile, with list or time) becomes `watch?v=ID`.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs

from kapture.core.choices import Platform
from kapture.gateways.scraping.checks import no_id, not_a_result
from kapture.gateways.scraping.item import Item
from kapture.gateways.scraping.moments import first_moment
from kapture.gateways.scraping.types import ContentType, Post, Rejected, RejectReason
from kapture.gateways.scraping.values import (
    MAX_TITLE,
    count,
    flag,
    handle,
    hashtags,
    host_and_path,
    language,
    line,
    link,
    seconds,
    text,
)

HOME = "https://www.youtube.com"
VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}")
ID_PATHS = frozenset({"shorts", "live", "embed", "v", "e"})
IMAGE_HOST = re.compile(r"(?:i[0-9]?\.ytimg\.com|img\.youtube\.com)")


def normalise(record: Mapping[str, object], *, now: datetime) -> Post | Rejected:
    """A video as a `Post`, or why the record is none; never raises, whatever JSON it is given."""
    item = Item(record)
    if rejected := not_a_result(item):
        return rejected
    if line(item.get("type")).lower() in {"channel", "playlist", "user"}:
        return Rejected(RejectReason.PROFILE, line(item.get("type")))
    address = link(item.get("url", "videoUrl"), HOME)
    thumbnail = link(item.get("thumbnailUrl", "thumbnail_link", "thumbnail"))
    video = _id_of(item, address, thumbnail)
    if not video:
        return no_id(item)
    short = line(item.get("type")).lower() in {"shorts", "short"} or "/shorts/" in address
    title = line(item.get("title"), MAX_TITLE)
    body = text(item.get("text", "description"))
    published = first_moment([item.get("date"), item.get("publishedAt"), item.get("uploadDate")], now=now)
    name, channel = handle(item.get("channelUsername")), _channel_id(item)
    return Post(
        platform=Platform.YOUTUBE,
        external_id=video,
        url=f"{HOME}/shorts/{video}" if short else f"{HOME}/watch?v={video}",
        content_type=ContentType.SHORT if short else ContentType.VIDEO,
        title=title,
        text=body,
        author_id=channel,
        author_name=line(item.get("channelName", "channel_title", "channelTitle")) or name,
        author_handle=name,
        author_url=_channel_url(item, channel, name),
        author_followers=count(item.get("numberOfSubscribers", "subscriberCount")),
        published_at=published.at,
        published_precision=published.precision,
        duration_s=seconds(item.get("duration")),
        thumbnail_url=thumbnail or f"https://i.ytimg.com/vi/{video}/hqdefault.jpg",
        language=language(item.get("language", "defaultAudioLanguage")),
        hashtags=hashtags(item.values("hashtags"), title, body),
        views=count(item.get("viewCount", "views")),
        likes=count(item.get("likes", "likeCount")),
        comments=None if flag(item.get("commentsTurnedOff")) else count(item.get("commentsCount", "comment_total")),
    )


def _id_of(item: Item, address: str, thumbnail: str) -> str:
    given = item.get("id", "video_id", "videoId")
    if isinstance(given, str) and VIDEO_ID.fullmatch(given.strip()):
        return given.strip()
    return _id_in_address(address) or _id_in_thumbnail(thumbnail)


def _id_in_address(address: str) -> str:
    host, path, query = host_and_path(address)
    found = ""
    if host == "youtu.be" and path:
        found = path[0]
    elif host in {"youtube.com", "youtube-nocookie.com"} and path:
        if path[0] == "watch":
            found = next(iter(parse_qs(query, max_num_fields=50).get("v", [])), "") if query.count("&") < 50 else ""
        elif path[0] in ID_PATHS and len(path) > 1:
            found = path[1]
    return found if VIDEO_ID.fullmatch(found) else ""


def _id_in_thumbnail(thumbnail: str) -> str:
    host, path, _ = host_and_path(thumbnail)
    if IMAGE_HOST.fullmatch(host) and len(path) > 2 and path[0] in {"vi", "vi_webp"} and VIDEO_ID.fullmatch(path[1]):
        return path[1]
    return ""


def _channel_id(item: Item) -> str:
    given = line(item.get("channelId"))
    if CHANNEL_ID.fullmatch(given):
        return given
    host, path, _ = host_and_path(item.get("channelUrl"))
    inside = path[1] if host == "youtube.com" and len(path) > 1 and path[0] == "channel" else ""
    return inside if CHANNEL_ID.fullmatch(inside) else ""


def _channel_url(item: Item, channel: str, name: str) -> str:
    if given := link(item.get("channelUrl"), HOME):
        return given
    if channel:
        return f"{HOME}/channel/{channel}"
    return link(f"{HOME}/@{name}") if name else ""
