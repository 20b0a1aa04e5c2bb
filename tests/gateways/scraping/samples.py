"""Small records in the shapes of the actors' items, made for these tests."""

import copy
from datetime import UTC, datetime
from typing import Any

from kapture.core.choices import Platform

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Record = dict[str, Any]

_YOUTUBE: Record = {
    "title": "Three lamps, one window #lighting",
    "type": "video",
    "id": "abcdefghi_1",
    "url": "https://www.youtube.com/watch?v=abcdefghi_1&t=5s",
    "thumbnailUrl": "https://i.ytimg.com/vi/abcdefghi_1/maxresdefault.jpg",
    "viewCount": 24_310,
    "date": "2026-11-18T08:00:00.000Z",
    "likes": 812,
    "location": None,
    "channelName": "Lampe & Söhne",
    "channelUrl": "https://www.youtube.com/@lampe",
    "channelId": "UCabcdefghijklmnopqrstuv",
    "channelUsername": "lampe",
    "numberOfSubscribers": 1_500,
    "duration": "00:04:05",
    "commentsCount": 31,
    "text": "All the gear. #Lighting #Studio",
    "hashtags": ["#lighting"],
    "commentsTurnedOff": False,
    "input": "lamps",
}
_TIKTOK: Record = {
    "id": "7506866355807849999",
    "text": "one lamp trick #lamp #ライト",
    "textLanguage": "en",
    "createTime": 1_763_500_000,
    "createTimeISO": "2025-11-18T21:06:40.000Z",
    "authorMeta": {
        "id": "6903623143736190001",
        "name": "lampe.berlin",
        "nickName": "Lampe",
        "profileUrl": "https://www.tiktok.com/@lampe.berlin",
        "fans": 2_500_000,
        "heart": 2_600_000_000,
    },
    "musicMeta": {"musicName": "original sound"},
    "webVideoUrl": "https://www.tiktok.com/@lampe.berlin/video/7506866355807849999?is_copy_url=1",
    "videoMeta": {"duration": 15, "coverUrl": "https://cdn.example/cover.jpg?" + "x" * 480, "height": 1024},
    "diggCount": 192,
    "shareCount": 29,
    "playCount": 14_100,
    "commentCount": 11,
    "hashtags": [{"id": "1", "name": "lamp"}, {"id": "2"}, {"id": "3", "name": ""}],
    "isSlideshow": False,
}
_REDDIT: Record = {
    "id": "t3_1ab2c3",
    "parsedId": "1ab2c3",
    "url": "https://www.reddit.com/r/lighting/comments/1ab2c3/my_lamp_&_me/",
    "username": "lamp_person",
    "title": "My lamp &amp; me",
    "communityName": "r/lighting",
    "body": "It is &lt;very&gt; bright.",
    "numberOfComments": 12,
    "upVotes": -4,
    "isVideo": False,
    "createdAt": "2026-11-19T10:00:00.000Z",
    "dataType": "post",
}
_X: Record = {
    "type": "tweet",
    "id": "1991964834351710001",
    "url": "https://twitter.com/lampe/status/1991964834351710001",
    "text": "Lamps &amp; light. " + "word " * 70 + "end",
    "fullText": "Lamps &amp; light. word… https://t.co/abc",
    "retweetCount": 42,
    "replyCount": 6,
    "likeCount": 52,
    "quoteCount": 2,
    "viewCount": 3_320,
    "createdAt": "Fri Nov 21 20:20:00 +0000 2025",
    "lang": "en",
    "author": {"type": "user", "userName": "lampe", "id": "3886771000", "name": "Lampe", "followers": 148_619},
    "entities": {"hashtags": [{"indices": [0, 1], "text": "Lamps"}], "urls": []},
    "extendedEntities": {
        "media": [
            {
                "type": "video",
                "media_url_https": "https://pbs.twimg.com/thumb.jpg",
                "video_info": {
                    "duration_millis": 28_400,
                    "variants": [
                        {"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/a.m3u8"},
                        {"content_type": "video/mp4", "bitrate": 256_000, "url": "https://video.twimg.com/low.mp4"},
                        {"content_type": "video/mp4", "bitrate": 832_000, "url": "https://video.twimg.com/high.mp4"},
                    ],
                },
            }
        ]
    },
    "card": {},
    "place": {},
}
_SEARCHED: Record = {
    "id": "abcdefghi_1",
    "url": "https://www.youtube.com/shorts/abcdefghi_1",
    "title": "Three lamps, one window #lighting",
    "description": "All the gear. #Studio",
    "view_count": 24_310,
    "like_count": 812,
    "comment_count": 31,
    "timestamp": 1_795_000_000,
    "upload_date": "20261118",
    "duration": 245.0,
    "channel_id": "UCabcdefghijklmnopqrstuv",
    "channel": "Lampe & Söhne",
    "uploader": "Lampe",
    "uploader_id": "@lampe",
    "uploader_url": "https://www.youtube.com/@lampe",
    "channel_follower_count": 1_500,
    "thumbnail": "https://i.ytimg.com/vi/abcdefghi_1/hq720.jpg",
    "language": "en",
}
_LISTED: Record = {
    "kind": "t3",
    "data": {
        "id": "1ab2c3",
        "name": "t3_1ab2c3",
        "title": "My lamp & me",
        "selftext": "It is <very> bright.",
        "permalink": "/r/lighting/comments/1ab2c3/my_lamp_me/",
        "url": "https://i.redd.it/lamp.jpg",
        "url_overridden_by_dest": "https://i.redd.it/lamp.jpg",
        "author": "lamp_person",
        "author_fullname": "t2_abcd",
        "subreddit": "lighting",
        "score": -4,
        "num_comments": 12,
        "created_utc": 1_795_000_000.0,
        "post_hint": "image",
        "is_video": False,
        "media": {"reddit_video": {"duration": 24}},
        "thumbnail": "https://b.thumbs.redditmedia.com/lamp.jpg",
        "preview": {"images": [{"source": {"url": "https://preview.redd.it/lamp.jpg?s=1", "width": 640}}]},
    },
}
# The ways without a key have shapes of their own.
KEY_FREE: dict[str, tuple[Platform, Record]] = {
    "ytdlp": (Platform.YOUTUBE, _SEARCHED),
    "reddit": (Platform.REDDIT, _LISTED),
}
SAMPLES: dict[Platform, Record] = {
    Platform.YOUTUBE: _YOUTUBE,
    Platform.TIKTOK: _TIKTOK,
    Platform.REDDIT: _REDDIT,
    Platform.X: _X,
}


def sample(platform: Platform, *without: str, **changes: Any) -> Record:
    """A fresh record of a platform, without some keys and with others changed."""
    record = copy.deepcopy(SAMPLES[platform])
    for key in without:
        del record[key]
    return {**record, **changes}
