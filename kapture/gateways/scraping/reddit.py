"""Reddit posts: items of the `trudax` and `harshmaur` actors, whose lists mix posts, comments, communities and users.

Only posts are trends. A comment is rejected as a comment, a community as a community, a user as a profile: none of them
carries a title and a score of its own that could be ranked beside posts. The id is the base-36 one without `t3_`.
`likes` is Reddit's score, which can be negative; Reddit tells no views and no shares.
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
    MAX_TITLE,
    count,
    flag,
    handle,
    hashtags,
    host_and_path,
    line,
    link,
    seconds,
    text,
)

HOME: Final = "https://www.reddit.com"
BARE_ID = re.compile(r"[0-9a-z]{4,13}")
NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
GONE = frozenset({"[deleted]", "[removed]", "[deleted by user]"})
# What the trudax actors write instead of the body of a media post.
MEDIA_BODY = re.compile(r"URL: (\S+)(?:\s+Thumbnail: (\S+))?(?:\s+Images:.*)?", re.DOTALL)
IMAGE_PATH = re.compile(r"\.(?:jpe?g|png|gif|webp)$", re.IGNORECASE)
VIDEO_HOSTS = frozenset({"v.redd.it", "youtube.com", "youtu.be", "streamable.com"})


def normalise(record: Mapping[str, object], *, now: datetime) -> Post | Rejected:
    """A Reddit post as a `Post`, or why the record is none; never raises, whatever JSON it is given."""
    item = Item(record)
    if rejected := not_a_result(item) or _other_kind(item):
        return rejected
    in_address, subreddit = _read_address(item)
    post = _id_of(item, in_address)
    if not post:
        return no_id(item)
    community = _community(item) or subreddit
    title = line(item.get("title"), MAX_TITLE, entities=True)
    body, media, thumbnail = _body(item)
    published = first_moment([item.get("createdAt"), item.get("created_utc")], now=now)
    author = _author(item)
    return Post(
        platform=Platform.REDDIT,
        external_id=post,
        url=f"{HOME}/r/{community}/comments/{post}/" if community else f"{HOME}/comments/{post}/",
        content_type=_content_type(item, media, post),
        title=title,
        text=body,
        author_id=line(item.get("authorId", "userId")) if author else "",
        author_name=author,
        author_handle=author,
        author_url=f"{HOME}/user/{author}/" if NAME.fullmatch(author) else "",
        community=f"r/{community}" if community else "",
        published_at=published.at,
        published_precision=published.precision,
        duration_s=seconds(item.get("media.reddit_video.duration")),
        thumbnail_url=thumbnail,
        media_url=media,
        hashtags=hashtags([], title),
        likes=count(item.get("upVotes", "score"), negative=True),
        comments=count(item.get("numberOfComments", "commentsCount")),
    )


def _other_kind(item: Item) -> Rejected | None:
    kind = line(item.get("dataType", "type")).lower()
    given = line(item.get("id"))
    if kind == "comment" or given.startswith("t1_") or (kind != "post" and item.get("parentId") is not None):
        return Rejected(RejectReason.COMMENT, given)
    if kind in {"community", "subreddit"} or given.startswith("t5_") or _is_community(item, kind):
        return Rejected(RejectReason.COMMUNITY, line(item.get("name", "alternativeTitle", "title")))
    if kind == "user" or given.startswith("t2_") or (kind != "post" and item.get("postKarma") is not None):
        return Rejected(RejectReason.PROFILE, line(item.get("username")))
    return None


def _is_community(item: Item, kind: str) -> bool:
    return kind != "post" and item.get("numberOfMembers") is not None


def _read_address(item: Item) -> tuple[str, str]:
    """Id and subreddit in the post's own address; empty text for what is not there."""
    for path_name in ("postUrl", "url", "permalink"):
        host, path, _ = host_and_path(item.get(path_name), HOME)
        if host == "redd.it" and path and BARE_ID.fullmatch(path[0].lower()):
            return path[0].lower(), ""
        if host != "reddit.com" or "comments" not in path[:3]:
            continue
        spot = path.index("comments")
        found = path[spot + 1].lower() if len(path) > spot + 1 else ""
        if BARE_ID.fullmatch(found):
            owner = path[1] if spot == 2 and NAME.fullmatch(path[1]) else ""
            return found, f"u_{owner}" if owner and path[0] in {"user", "u"} else owner
    return "", ""


def _id_of(item: Item, in_address: str) -> str:
    given = line(item.get("id", "parsedId")).lower().removeprefix("t3_")
    # A bare word is only believed when the record says that it is a post, because comments have bare ids as well.
    sure = line(item.get("id")).lower().startswith("t3_") or line(item.get("dataType", "type")).lower() == "post"
    return given if sure and BARE_ID.fullmatch(given) else in_address


def _community(item: Item) -> str:
    given = line(item.get("parsedCommunityName", "communityName", "subreddit")).removeprefix("/").removeprefix("r/")
    return given if NAME.fullmatch(given) else ""


def _author(item: Item) -> str:
    name = handle(item.get("username", "authorName", "author")).removeprefix("u/")
    return "" if name.lower() in GONE else name


def _body(item: Item) -> tuple[str, str, str]:
    """Text, media address and thumbnail of a post."""
    written = text(item.get("body", "selftext"), entities=True)
    media = link(item.get("contentUrl", "link", "mediaUrl"), HOME)
    if media == link(item.get("postUrl", "url"), HOME):
        media = ""
    thumbnail = ""
    if actors := MEDIA_BODY.fullmatch(written):
        written, media, thumbnail = "", media or link(actors[1], HOME), link(actors[2])
    if written.lower() in GONE:
        written = ""
    pictures = [item.get("thumbnailUrl", "thumbnail"), *item.values("images", "imageUrls"), thumbnail]
    if IMAGE_PATH.search(media.partition("?")[0]):
        pictures.append(media)
    return written, media, next((found for picture in pictures if (found := link(picture))), "")


def _content_type(item: Item, media: str, post: str) -> ContentType:
    kind = line(item.get("postType", "post_hint")).lower()
    host, path, _ = host_and_path(media)
    if flag(item.get("isVideo")) or "video" in kind or host in VIDEO_HOSTS:
        return ContentType.VIDEO
    if kind == "image" or host == "i.redd.it" or path[:1] == ["gallery"] or item.values("images", "imageUrls"):
        return ContentType.IMAGE
    # A text post's own address counts as no link; the address of another post is a crosspost.
    if media and post not in path:
        return ContentType.LINK
    return ContentType.TEXT
