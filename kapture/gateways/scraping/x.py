"""Posts on X: items of `apidojo/tweet-scraper` (nested and exported) and the snake-case keys of older actors.

`shares` counts reposts and quotes together. Of `text` and `fullText` the longer one is the whole text: newer actors cut
`fullText`, older ones cut `text`. Entities (`&amp;`) are resolved once.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from kapture.core.choices import Platform
from kapture.gateways.scraping.checks import no_id, not_a_result
from kapture.gateways.scraping.item import Item
from kapture.gateways.scraping.moments import first_moment
from kapture.gateways.scraping.types import ContentType, Post, Rejected, RejectReason
from kapture.gateways.scraping.values import (
    count,
    handle,
    hashtags,
    host_and_path,
    language,
    line,
    link,
    text,
)

HOME: Final = "https://x.com"
POST_ID = re.compile(r"[0-9]{2,20}")
HANDLE = re.compile(r"[A-Za-z0-9_]{1,20}")
HOSTS = frozenset({"x.com", "twitter.com"})


def normalise(record: Mapping[str, object], *, now: datetime) -> Post | Rejected:
    """A post on X as a `Post`, or why the record is none; never raises, whatever JSON it is given."""
    item = Item(record)
    if rejected := not_a_result(item):
        return rejected
    if line(item.get("type")).lower() == "user":
        return Rejected(RejectReason.PROFILE, line(item.get("userName", "name")))
    owner, in_address = _read_address(item)
    post = _id_of(item, in_address)
    if not post:
        return no_id(item)
    name = handle(item.get("author.userName", "author.screen_name", "username", "user.screen_name")) or owner
    body = _body(item)
    published = first_moment([item.get("createdAt"), item.get("created_at")], now=now)
    kind, thumbnail, media, duration = _media(item)
    return Post(
        platform=Platform.X,
        external_id=post,
        url=f"{HOME}/{name if HANDLE.fullmatch(name) else 'i'}/status/{post}",
        content_type=kind,
        text=body,
        author_id=line(item.get("author.id", "user_id", "authorId")),
        author_name=line(item.get("author.name", "name"), entities=True) or name,
        author_handle=name,
        author_url=f"{HOME}/{name}" if HANDLE.fullmatch(name) else "",
        author_followers=count(item.get("author.followers", "author.followersCount")),
        published_at=published.at,
        published_precision=published.precision,
        duration_s=duration,
        thumbnail_url=thumbnail,
        media_url=media,
        language=language(item.get("lang", "language")),
        hashtags=hashtags(_given_hashtags(item), body),
        views=count(item.get("viewCount", "view_count")),
        likes=count(item.get("likeCount", "favorite_count")),
        comments=count(item.get("replyCount", "reply_count")),
        shares=_shares(item),
    )


def _read_address(item: Item) -> tuple[str, str]:
    """Owner and id in the post's address; empty text for what is not there."""
    for name in ("url", "twitterUrl"):
        host, path, _ = host_and_path(item.get(name))
        if host in HOSTS and "status" in path[:3]:
            spot = path.index("status")
            found = path[spot + 1] if len(path) > spot + 1 else ""
            owner = path[0] if spot == 1 and path[0] != "i" and HANDLE.fullmatch(path[0]) else ""
            if POST_ID.fullmatch(found):
                return owner, found
    return "", ""


def _id_of(item: Item, in_address: str) -> str:
    given = item.get("id", "id_str")
    if isinstance(given, str) and POST_ID.fullmatch(given.strip()):
        return given.strip()
    # A JSON number of 19 digits may have been rounded on its way.
    if in_address:
        return in_address
    return str(given) if isinstance(given, int) and POST_ID.fullmatch(str(given)) else ""


def _body(item: Item) -> str:
    candidates = (item.get("text"), item.get("fullText"), item.get("full_text"))
    return max((text(candidate, entities=True) for candidate in candidates), key=len)


def _given_hashtags(item: Item) -> list[object]:
    found = item.values("entities.hashtags", "hashtags")
    return [Item(entry).get("text", "tag") if isinstance(entry, Mapping) else entry for entry in found]


def _shares(item: Item) -> int | None:
    counted = [
        count(item.get("retweetCount", "retweet_count")),
        count(item.get("quoteCount", "quote_count")),
    ]
    known = [number for number in counted if number is not None]
    # Two counters near the 64-bit limit would leave it when added.
    return count(sum(known)) if known else None


def _media(item: Item) -> tuple[ContentType, str, str, int | None]:
    """Content type, still image, address of the media and duration in seconds of the first medium."""
    entries = [*item.records("extendedEntities.media"), *item.records("entities.media"), *item.records("media")]
    stills = [link(entry.get("media_url_https", "media_url", "thumbnailUrl")) for entry in entries]
    stills += [link(entry) for entry in item.values("media") if isinstance(entry, str)]
    still = next((found for found in stills if found), "")
    for entry in entries:
        if line(entry.get("type")) in {"video", "animated_gif"}:
            length = count(entry.get("video_info.duration_millis"))
            return ContentType.VIDEO, still, _best_variant(entry), round(length / 1000) if length else None
    if still:
        return ContentType.IMAGE, still, still, None
    return ContentType.TEXT, "", "", None


def _best_variant(entry: Item) -> str:
    """The MP4 with the highest bit rate, or the playlist when there is no MP4."""
    best, highest = "", -1
    for variant in entry.records("video_info.variants"):
        address = link(variant.get("url"))
        rate = count(variant.get("bitrate")) or 0
        if line(variant.get("content_type")) == "video/mp4" and address and rate > highest:
            best, highest = address, rate
        elif address and not best:
            best = address
    return best
