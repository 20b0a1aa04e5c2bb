"""Posts of the two ways without a key, brought into the words of the actors' items and from there into one shape."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from kapture.gateways.scraping import reddit, youtube
from kapture.gateways.scraping.checks import not_a_result
from kapture.gateways.scraping.item import Item
from kapture.gateways.scraping.types import DatePrecision, Post, Rejected, RejectReason
from kapture.gateways.scraping.values import flag, line, link

POST_KIND: Final = "t3"


def searched(record: Mapping[str, object], *, now: datetime) -> Post | Rejected:
    """A video as yt-dlp tells it; in a list of results its time was counted back from words like "3 weeks ago"."""
    item = Item(record)
    if rejected := not_a_result(item):
        return rejected
    found = youtube.normalise(
        {
            "id": item.get("id"),
            "url": item.get("url", "webpage_url"),
            "title": item.get("title"),
            "text": item.get("description"),
            "viewCount": item.get("view_count"),
            "likes": item.get("like_count"),
            "commentsCount": item.get("comment_count"),
            "date": item.get("timestamp", "upload_date"),
            "duration": item.get("duration"),
            "channelId": item.get("channel_id"),
            "channelName": item.get("channel", "uploader"),
            "channelUsername": item.get("uploader_id"),
            "channelUrl": item.get("uploader_url", "channel_url"),
            "numberOfSubscribers": item.get("channel_follower_count"),
            "thumbnailUrl": item.get("thumbnail"),
            "language": item.get("language"),
        },
        now=now,
    )
    if isinstance(found, Rejected):
        return found
    if flag(item.get("is_exact")):
        # A look tells no picture, and a guessed one must not take the place of the known one.
        return found if item.get("thumbnail") else replace(found, thumbnail_url="")
    known = DatePrecision.RELATIVE if found.published_at else found.published_precision
    return replace(found, published_precision=known)


def listed(record: Mapping[str, object], *, now: datetime) -> Post | Rejected:
    """A thing of Reddit's listing (`{"kind": "t3", "data": …}`); only links and texts are posts."""
    thing = Item(record)
    data, kind = thing.get("data"), line(thing.get("kind"))
    if kind != POST_KIND or not isinstance(data, Mapping):
        other = {"t1": RejectReason.COMMENT, "t2": RejectReason.PROFILE, "t5": RejectReason.COMMUNITY}
        return Rejected(other.get(kind, RejectReason.BAD_SHAPE), kind[:20])
    item = Item({key: value for key, value in data.items() if isinstance(key, str) and "/" not in key})
    return reddit.normalise(
        {
            "dataType": "post",
            "id": item.get("name", "id"),
            "postUrl": item.get("permalink"),
            "title": item.get("title"),
            "body": item.get("selftext"),
            "contentUrl": item.get("url_overridden_by_dest") or item.get("url"),
            "username": item.get("author"),
            "authorId": item.get("author_fullname"),
            "parsedCommunityName": item.get("subreddit"),
            "upVotes": item.get("score", "ups"),
            "numberOfComments": item.get("num_comments"),
            "created_utc": item.get("created_utc"),
            "postType": item.get("post_hint"),
            "isVideo": item.get("is_video"),
            "media": item.get("media"),
            "thumbnailUrl": _picture(item),
        },
        now=now,
    )


def _picture(item: Item) -> str:
    # Where there is no picture the thumbnail is a word, such as "self".
    pictures = [*(one.get("source.url") for one in item.records("preview.images")), item.get("thumbnail")]
    return next((found for given in pictures if (found := link(given))), "")


NORMALISERS: Final[Mapping[str, Callable[..., Post | Rejected]]] = {"ytdlp": searched, "reddit": listed}
