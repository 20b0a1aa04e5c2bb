"""TikTok videos and slideshows: items of the `clockworks` actors, nested, as overview view or exported, 2020 to 2026.

The id decides: the digits of `id` when given as text, else those in `webVideoUrl` (a JSON number of 19 digits may have
been rounded on its way, so the address is believed first).
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

HOME: Final = "https://www.tiktok.com"
POST_ID = re.compile(r"[0-9]{8,20}")
HANDLE = re.compile(r"[\w.]{1,40}")
COVERS = (
    "videoMeta.coverUrl",
    "videoMeta.originalCoverUrl",
    "covers.default",
    "covers.origin",
    "covers.dynamic",
)


def normalise(record: Mapping[str, object], *, now: datetime) -> Post | Rejected:
    """A TikTok post as a `Post`, or why the record is none; never raises, whatever JSON it is given."""
    item = Item(record)
    if rejected := not_a_result(item):
        return rejected
    address = item.get("webVideoUrl", "submittedVideoUrl", "url")
    kind, in_address, owner = _read_address(address)
    post = _id_of(item, in_address)
    if not post:
        return _without_id(item)
    name = handle(item.get("authorMeta.name", "authorMeta.uniqueId")) or owner
    slides = item.values("slideshowImageLinks")
    image = flag(item.get("isSlideshow")) or bool(slides) or kind == "photo"
    body = text(item.get("text", "desc"))
    published = first_moment([item.get("createTimeISO"), item.get("createTime")], now=now)
    return Post(
        platform=Platform.TIKTOK,
        external_id=post,
        # TikTok finds a post by its id alone; the name before it is for people.
        url=f"{HOME}/@{name if HANDLE.fullmatch(name) else '_'}/{'photo' if image else 'video'}/{post}",
        content_type=ContentType.IMAGE if image else ContentType.VIDEO,
        text=body,
        author_id=line(item.get("authorMeta.id")),
        author_name=line(item.get("authorMeta.nickName", "authorMeta.nickname")) or name,
        author_handle=name,
        author_url=link(item.get("authorMeta.profileUrl")) or (f"{HOME}/@{name}" if HANDLE.fullmatch(name) else ""),
        author_followers=count(item.get("authorMeta.fans")),
        published_at=published.at,
        published_precision=published.precision,
        duration_s=seconds(item.get("videoMeta.duration")),
        thumbnail_url=_first_link([item.get(path) for path in COVERS] + _slide_links(item)),
        media_url=_first_link([*item.values("mediaUrls"), item.get("videoMeta.downloadAddr"), item.get("videoUrl")]),
        language=language(item.get("textLanguage")),
        hashtags=hashtags(_given_hashtags(item), body),
        views=count(item.get("playCount")),
        likes=count(item.get("diggCount")),
        comments=count(item.get("commentCount")),
        shares=count(item.get("shareCount")),
    )


def _read_address(address: object) -> tuple[str, str, str]:
    """Kind (video or photo), id and owner in a post's address; empty text for what is not there."""
    host, path, _ = host_and_path(address)
    if host != "tiktok.com" or len(path) < 3 or path[1] not in {"video", "photo"} or not POST_ID.fullmatch(path[2]):
        return "", "", ""
    return path[1], path[2], handle(path[0])


def _id_of(item: Item, in_address: str) -> str:
    given = item.get("id", "videoId")
    if isinstance(given, str) and POST_ID.fullmatch(given.strip()):
        return given.strip()
    if in_address:
        return in_address
    return str(given) if isinstance(given, int) and POST_ID.fullmatch(str(given)) else ""


def _without_id(item: Item) -> Rejected:
    if item.get("authorMeta") is None and item.get("fans", "signature", "nickName") is not None:
        return Rejected(RejectReason.PROFILE, line(item.get("name", "nickName")))
    return no_id(item)


def _given_hashtags(item: Item) -> list[object]:
    """Names in `hashtags`, which holds objects (now and then without a name) or plain text."""
    return [Item(entry).get("name") if isinstance(entry, Mapping) else entry for entry in item.values("hashtags")]


def _slide_links(item: Item) -> list[object]:
    return [
        Item(entry).get("downloadLink", "tiktokLink") if isinstance(entry, Mapping) else entry
        for entry in item.values("slideshowImageLinks")
    ]


def _first_link(candidates: list[object]) -> str:
    return next((found for candidate in candidates if (found := link(candidate))), "")
