"""Sample posts in the words of each actor: the keys, types and oddities of the items that the real ones return."""

from datetime import datetime
from html import escape
from typing import Any

from kapture.sandbox.clips import clip_of, path_of
from kapture.sandbox.clock import iso, tweeted
from kapture.sandbox.posts import Post

Item = dict[str, Any]


class Site:
    """Addresses of the video site, or of the platforms themselves when no video site runs."""

    def __init__(self, base: str = "") -> None:
        self.base = base.rstrip("/")

    def page(self, post: Post, elsewhere: str) -> str:
        """The page of a post; `elsewhere` is where it would be on its platform."""
        return f"{self.base}/watch/{path_of(post.draft.slug)}" if self.base else elsewhere

    def thumbnail(self, post: Post) -> str:
        """The picture of a post."""
        return f"{self.base or 'https://media.example'}/thumb/{path_of(post.draft.slug)}.webp"

    def media(self, post: Post, ending: str) -> str:
        """A media file of a post."""
        return f"{self.base or 'https://media.example'}/media/{path_of(post.draft.slug)}.{ending}"

    def avatar(self, key: str) -> str:
        """The picture of an author."""
        return f"{self.base or 'https://media.example'}/avatar/{key}.webp"


def youtube(post: Post, site: Site, order: int, query: str, now: datetime) -> Item:
    """One item of streamers/youtube-scraper."""
    draft, author = post.draft, post.draft.author
    short = draft.medium == "short"
    elsewhere = f"https://www.youtube.com/{f'shorts/{draft.key}' if short else f'watch?v={draft.key}'}"
    tags = [f"#{tag}" for tag in draft.hashtags]
    links = [{"url": f"https://www.youtube.com/hashtag/{tag[1:]}", "text": tag} for tag in tags]
    return {
        "title": draft.title,
        "translatedTitle": None,
        "type": "shorts" if short else "video",
        "id": draft.key,
        "url": site.page(post, elsewhere),
        "thumbnailUrl": site.thumbnail(post),
        "viewCount": post.views,
        "date": iso(draft.published),
        "likes": post.likes,
        "location": None,
        "channelName": author.name,
        "channelUrl": f"https://www.youtube.com/@{author.handle}",
        "channelId": f"UC{author.key}",
        "channelUsername": author.handle,
        "channelAvatarUrl": site.avatar(author.key),
        "isChannelVerified": author.verified,
        "numberOfSubscribers": author.followers,
        "duration": _clock(draft.seconds),
        "commentsCount": post.comments,
        "text": " ".join((draft.text, *tags)).strip() if draft.text else "",
        "subtitles": None,
        "order": order,
        "commentsTurnedOff": False,
        "fromYTUrl": f"https://www.youtube.com/results?search_query={path_of(query)}",
        "isMonetized": None,
        "hashtags": tags if draft.number % 3 else [],
        "formats": [],
        "isMembersOnly": False,
        "input": query,
        **({"descriptionLinks": links} if draft.text else {}),
    }


def tiktok(post: Post, site: Site, order: int, query: str, now: datetime) -> Item:
    """One item of clockworks/tiktok-scraper."""
    draft, author = post.draft, post.draft.author
    picture = site.thumbnail(post)
    page = site.page(post, f"https://www.tiktok.com/@{author.handle}/video/{draft.key}")
    return {
        "id": draft.key,
        "text": f"{draft.text} {' '.join(f'#{tag}' for tag in draft.hashtags)}",
        "textLanguage": "en",
        "createTime": int(draft.published.timestamp()),
        "createTimeISO": iso(draft.published),
        "isAd": False,
        "isMuted": False,
        "authorMeta": {
            "id": str(int(author.key[:15], 16)),
            "name": author.handle,
            "profileUrl": f"https://www.tiktok.com/@{author.handle}",
            "nickName": author.name,
            "verified": author.verified,
            "signature": author.signature,
            "ttSeller": False,
            "privateAccount": False,
            "avatar": site.avatar(author.key),
            "originalAvatarUrl": site.avatar(author.key),
            "following": author.posts % 700,
            "friends": author.posts % 90,
            "fans": author.followers,
            "heart": int(author.usual_views * author.posts * 0.09),
            "video": author.posts,
            "digg": author.posts * 3,
        },
        "musicMeta": {
            "musicId": str(draft.number + 10**18),
            "musicName": "original sound",
            "musicAuthor": author.name,
            "musicOriginal": True,
            "playUrl": site.media(post, "m4a"),
            "coverMediumUrl": picture,
        },
        "webVideoUrl": page,
        "mediaUrls": [],
        "videoMeta": {
            "height": 360,
            "width": 640,
            "duration": draft.seconds,
            "coverUrl": picture,
            "originalCoverUrl": picture,
            "definition": "360p",
            "format": "mp4",
            "subtitleLinks": [],
        },
        "diggCount": post.likes,
        "shareCount": post.shares,
        "playCount": post.views,
        "collectCount": post.saves,
        "commentCount": post.comments,
        "mentions": [],
        "hashtags": [{"id": str(hash_of(tag)), "name": tag} for tag in draft.hashtags],
        "effectStickers": [],
        "isSlideshow": draft.medium == "slideshow",
        "isPinned": False,
        "isSponsored": False,
        "input": query,
        "searchQuery": query,
    }


def reddit(post: Post, site: Site, order: int, query: str, now: datetime) -> Item:
    """One post of trudax/reddit-scraper-lite; its counter of views is one of upvotes."""
    draft, author = post.draft, post.draft.author
    picture = draft.medium in ("image", "video")
    page = site.page(post, f"https://www.reddit.com/r/{author.community}/comments/{draft.key}/")
    return {
        "id": f"t3_{draft.key}",
        "parsedId": draft.key,
        "url": page,
        "username": author.handle.replace(".", "_"),
        "userId": f"t2_{author.key[:9]}",
        "title": draft.title,
        "communityName": f"r/{author.community}",
        "parsedCommunityName": author.community,
        "body": draft.text if draft.medium == "text" else "",
        "html": f'&lt;div class="md"&gt;&lt;p&gt;{escape(escape(draft.text))}&lt;/p&gt;&lt;/div&gt;',
        "link": site.media(post, "mp4") if draft.medium == "video" else page,
        "numberOfComments": post.comments,
        "flair": draft.hashtags[0],
        "upVotes": post.views,
        "upVoteRatio": round(0.8 + (draft.number % 19) / 100, 2),
        "isVideo": draft.medium == "video",
        "isAd": False,
        "over18": False,
        **({"thumbnailUrl": site.thumbnail(post), "imageUrls": [site.thumbnail(post)]} if picture else {}),
        "createdAt": iso(draft.published),
        "scrapedAt": iso(now),
        "dataType": "post",
    }


def x(post: Post, site: Site, order: int, query: str, now: datetime) -> Item:
    """One tweet of apidojo/tweet-scraper."""
    draft, author = post.draft, post.draft.author
    handle = author.handle.replace(".", "_")[:15]
    text = f"{draft.text} {' '.join(f'#{tag}' for tag in draft.hashtags[:2])}".replace("&", "&amp;")
    media = _x_media(post, site)
    return {
        "type": "tweet",
        "id": draft.key,
        "url": site.page(post, f"https://x.com/{handle}/status/{draft.key}"),
        "twitterUrl": f"https://twitter.com/{handle}/status/{draft.key}",
        "text": text,
        "fullText": text,
        "source": "Twitter Web App",
        "retweetCount": post.shares,
        "replyCount": post.comments,
        "likeCount": post.likes,
        "quoteCount": post.shares // 7,
        "viewCount": post.views,
        "createdAt": tweeted(draft.published),
        "lang": "en",
        "bookmarkCount": post.saves,
        "isReply": False,
        "conversationId": draft.key,
        "isPinned": False,
        "author": {
            "type": "user",
            "userName": handle,
            "url": f"https://x.com/{handle}",
            "twitterUrl": f"https://twitter.com/{handle}",
            "id": str(int(author.key[:12], 16)),
            "name": author.name,
            "isBlueVerified": author.verified,
            "profilePicture": site.avatar(author.key),
            "description": author.signature,
            "location": "",
            "followers": author.followers,
            "following": author.posts % 900,
            "createdAt": tweeted(author.joined),
            "statusesCount": author.posts * 11,
        },
        "extendedEntities": {"media": media} if media else {},
        "card": {},
        "place": {},
        "entities": {
            "hashtags": [{"indices": [0, 0], "text": tag} for tag in draft.hashtags[:2]],
            "symbols": [],
            "urls": [],
            "user_mentions": [],
        },
        "isRetweet": False,
        "isQuote": False,
        "media": [item["media_url_https"] for item in media],
        "isConversationControlled": False,
        "searchTerm": query,
    }


def _x_media(post: Post, site: Site) -> list[Item]:
    if post.draft.medium == "text":
        return []
    picture = {"media_url_https": site.thumbnail(post), "type": "photo"}
    if post.draft.medium == "image":
        return [picture]
    variant = {"bitrate": 832_000, "content_type": "video/mp4", "url": site.media(post, "mp4")}
    length = clip_of(post.draft.slug).seconds * 1000
    return [{**picture, "type": "video", "video_info": {"duration_millis": length, "variants": [variant]}}]


def hash_of(tag: str) -> int:
    """A small stable number for a hashtag's id."""
    return sum((index + 1) * ord(letter) for index, letter in enumerate(tag)) + 10_000


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}"
