"""Each platform's items become one shape."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kapture.core.choices import Platform
from kapture.gateways.scraping import DateRange, Post, Rejected, ScrapeQuery, normalise, refused
from kapture.gateways.scraping.types import ContentType, DatePrecision, RejectReason
from tests.gateways.scraping.samples import NOW, Record, sample


def post_of(platform: Platform, record: Record) -> Post:
    outcome = normalise(platform, record, now=NOW)
    assert isinstance(outcome, Post), outcome
    return outcome


def reason_of(platform: Platform, record: Any) -> RejectReason:
    outcome = normalise(platform, record, now=NOW)
    assert isinstance(outcome, Rejected), outcome
    return outcome.reason


def test_a_youtube_video_keeps_all_it_tells() -> None:
    assert post_of(Platform.YOUTUBE, sample(Platform.YOUTUBE)) == Post(
        platform=Platform.YOUTUBE,
        external_id="abcdefghi_1",
        url="https://www.youtube.com/watch?v=abcdefghi_1",
        content_type=ContentType.VIDEO,
        title="Three lamps, one window #lighting",
        text="All the gear. #Lighting #Studio",
        author_id="UCabcdefghijklmnopqrstuv",
        author_name="Lampe & Söhne",
        author_handle="lampe",
        author_url="https://www.youtube.com/@lampe",
        author_followers=1_500,
        published_at=datetime(2026, 11, 18, 8, tzinfo=UTC),
        published_precision=DatePrecision.EXACT,
        duration_s=245,
        thumbnail_url="https://i.ytimg.com/vi/abcdefghi_1/maxresdefault.jpg",
        hashtags=("lighting", "studio"),
        views=24_310,
        likes=812,
        comments=31,
    )


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"url": "https://www.youtube.com/shorts/abcdefghi_1"}, "https://www.youtube.com/shorts/abcdefghi_1"),
        ({"id": "", "url": "https://youtu.be/abcdefghi_1?si=tracking"}, "https://www.youtube.com/watch?v=abcdefghi_1"),
        (
            {"id": None, "url": "https://m.youtube.com/watch?list=PL1&v=abcdefghi_1"},
            "https://www.youtube.com/watch?v=abcdefghi_1",
        ),
        ({"id": "#NAME?", "url": ""}, "https://www.youtube.com/watch?v=abcdefghi_1"),
        ({"id": 5, "url": "/live/abcdefghi_1"}, "https://www.youtube.com/watch?v=abcdefghi_1"),
    ],
)
def test_a_youtube_video_is_found_by_any_of_its_addresses(changes: Record, url: str) -> None:
    assert post_of(Platform.YOUTUBE, sample(Platform.YOUTUBE, **changes)).url == url


def test_comments_that_are_turned_off_are_unknown_not_none() -> None:
    assert (
        post_of(Platform.YOUTUBE, sample(Platform.YOUTUBE, commentsTurnedOff="true", commentsCount=0)).comments is None
    )


def test_a_youtube_author_without_a_name_is_known_by_the_handle() -> None:
    post = post_of(Platform.YOUTUBE, sample(Platform.YOUTUBE, "channelName", channelUsername="%EB%8B%A5%ED%84%B0"))
    assert (post.author_name, post.author_handle) == ("닥터", "닥터")


def test_a_tiktok_keeps_all_it_tells() -> None:
    post = post_of(Platform.TIKTOK, sample(Platform.TIKTOK))
    assert post.url == "https://www.tiktok.com/@lampe.berlin/video/7506866355807849999"
    assert post.hashtags == ("lamp", "ライト")
    assert (post.author_followers, post.views, post.likes, post.comments, post.shares) == (
        2_500_000,
        14_100,
        192,
        11,
        29,
    )
    assert len(post.thumbnail_url) > 500
    assert post.published_at == datetime(2025, 11, 18, 21, 6, 40, tzinfo=UTC)


def test_tiktok_ids_that_came_as_numbers_are_read_from_the_address() -> None:
    record = sample(Platform.TIKTOK, id=7_506_866_355_807_850_000)
    assert post_of(Platform.TIKTOK, record).external_id == "7506866355807849999"


def test_dotted_and_slashed_keys_mean_the_same_as_nested_ones() -> None:
    nested = sample(Platform.TIKTOK)
    for joint in ("/", "."):
        flat: Record = {}
        for key, value in nested.items():
            if isinstance(value, dict):
                flat.update({f"{key}{joint}{below}": str(inner) for below, inner in value.items()})
            elif isinstance(value, list):
                flat.update({f"{key}{joint}{n}{joint}name": entry.get("name", "") for n, entry in enumerate(value)})
            else:
                flat[key] = str(value)
        assert post_of(Platform.TIKTOK, flat) == post_of(Platform.TIKTOK, nested)


def test_a_slideshow_is_an_image() -> None:
    record = sample(
        Platform.TIKTOK, isSlideshow=True, slideshowImageLinks=[{"downloadLink": "https://cdn.example/1.jpg"}]
    )
    post = post_of(Platform.TIKTOK, record)
    assert (post.content_type, "/photo/" in post.url) == (ContentType.IMAGE, True)


def test_a_reddit_post_keeps_its_score_and_its_entities_resolved() -> None:
    post = post_of(Platform.REDDIT, sample(Platform.REDDIT))
    assert (post.title, post.text, post.likes) == ("My lamp & me", "It is <very> bright.", -4)
    assert (post.external_id, post.url) == ("1ab2c3", "https://www.reddit.com/r/lighting/comments/1ab2c3/")
    assert (post.community, post.content_type, post.views) == ("r/lighting", ContentType.TEXT, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": "t1_abcd", "dataType": "comment"}, RejectReason.COMMENT),
        ({"id": "nsnxh46", "type": "comment", "dataType": None, "parentId": "t3_1ab2c3"}, RejectReason.COMMENT),
        ({"id": None, "dataType": "community", "numberOfMembers": 8}, RejectReason.COMMUNITY),
        ({"id": "t2_ab", "dataType": "user", "postKarma": 3}, RejectReason.PROFILE),
        ({"error": "PRIVATE", "note": "This community is private."}, RejectReason.ERROR_ITEM),
        ({"id": "ab", "url": "https://www.reddit.com/", "dataType": ""}, RejectReason.NO_ID),
    ],
)
def test_what_is_no_reddit_post_is_rejected_by_name(changes: Record, reason: RejectReason) -> None:
    assert reason_of(Platform.REDDIT, sample(Platform.REDDIT, **changes)) is reason


def test_deleted_authors_and_texts_are_empty() -> None:
    post = post_of(Platform.REDDIT, sample(Platform.REDDIT, username="[deleted]", body="[removed]", userId="t2_x"))
    assert (post.author_name, post.author_id, post.text) == ("", "", "")


def test_a_post_on_x_has_its_whole_text_and_best_video() -> None:
    post = post_of(Platform.X, sample(Platform.X))
    assert post.text.startswith("Lamps & light.")
    assert post.text.endswith("end")
    assert (post.media_url, post.duration_s) == ("https://video.twimg.com/high.mp4", 28)
    assert (post.url, post.shares) == ("https://x.com/lampe/status/1991964834351710001", 44)
    assert post.hashtags == ("lamps",)


@pytest.mark.parametrize("platform", list(Platform))
@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"noResults": True}, RejectReason.NO_RESULTS),
        ({"noResults": "true"}, RejectReason.NO_RESULTS),
        ({"url": "https://x.com/a", "error": "NO_VIDEOS", "note": "No videos found."}, RejectReason.ERROR_ITEM),
        ({"something": "else"}, RejectReason.NO_ID),
        ({}, RejectReason.BAD_SHAPE),
        ([], RejectReason.BAD_SHAPE),
        (None, RejectReason.BAD_SHAPE),
        ("text", RejectReason.BAD_SHAPE),
    ],
)
def test_what_is_no_result_is_rejected_by_name(platform: Platform, record: Any, reason: RejectReason) -> None:
    assert reason_of(platform, record) is reason


def test_an_address_of_the_sandbox_is_kept() -> None:
    record = sample(Platform.YOUTUBE, url="http://127.0.0.1:9/watch/lamp")
    outcome = normalise(Platform.YOUTUBE, record, now=NOW, kept_hosts={"127.0.0.1:9"})
    assert isinstance(outcome, Post)
    assert outcome.url == "http://127.0.0.1:9/watch/lamp"


@pytest.mark.parametrize(
    ("search", "changes", "reason"),
    [
        ({"min_views": 30_000}, {}, RejectReason.BELOW_MIN_VIEWS),
        ({"min_views": 1}, {"viewCount": None}, RejectReason.BELOW_MIN_VIEWS),
        ({"min_views": 24_310}, {}, None),
        ({"date_range": DateRange.DAY}, {}, RejectReason.TOO_OLD),
        ({"date_range": DateRange.WEEK}, {}, None),
        ({"date_range": DateRange.DAY}, {"date": None}, None),
        ({"language": "de"}, {"language": "en-GB"}, RejectReason.OTHER_LANGUAGE),
        ({"language": "de"}, {}, None),
    ],
)
def test_a_search_keeps_only_what_it_asked_for(search: Record, changes: Record, reason: RejectReason | None) -> None:
    query = ScrapeQuery(Platform.YOUTUBE, ("lamps",), **search)
    found = refused(query, post_of(Platform.YOUTUBE, sample(Platform.YOUTUBE, **changes)), now=NOW)
    assert (found.reason if found else None) is reason
