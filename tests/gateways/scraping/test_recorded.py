"""Every recorded record becomes a post or a named rejection."""

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kapture.gateways.scraping import Post, Rejected, normalise
from kapture.gateways.scraping.types import ContentType, DatePrecision
from tests.gateways.scraping.recorded import FILES, platform_of, records
from tests.recorded import MISSING
from tests.thorough import some

pytestmark = pytest.mark.skipif(not FILES, reason=MISSING)
NOW = datetime.now(UTC)
CANONICAL = re.compile(
    r"https://www\.youtube\.com/(?:watch\?v=|shorts/)[\w-]{11}"
    r"|https://www\.tiktok\.com/@[\w.]+/(?:video|photo)/\d{8,20}"
    r"|https://www\.reddit\.com/(?:r/[\w-]+/)?comments/[0-9a-z]+/"
    r"|https://x\.com/\w+/status/\d+"
)
# What the data's own description says is no post, or comes more than once: file -> (rejected, repeated).
KNOWN = {
    "reddit-scraper-pro_flat_2025-12-07.csv": ({"comment": 2982}, 0),
    "reddit-scraper_2023-02-11.json": ({"comment": 182, "community": 1}, 0),
    "free-tiktok-scraper_flat_2022-07-27.csv": ({}, 108),
    "tiktok-hashtag-scraper_2025-05-23.derived.json": ({}, 56),
    "tiktok-hashtag-scraper_flat_2025-05-23.csv": ({}, 56),
    "tweet-scraper_flat_2025-12.csv": ({}, 137),
    "youtube-scraper_search_2025-09.json": ({"error_item": 1}, 109),
}


def outcomes(path: Path) -> list[Post | Rejected]:
    return [normalise(platform_of(path), record, now=NOW) for record in records(path)]


@pytest.mark.parametrize("path", some(FILES), ids=lambda path: path.name)
def test_every_record_becomes_a_post_or_a_named_rejection(path: Path) -> None:
    found = outcomes(path)
    posts = [outcome for outcome in found if isinstance(outcome, Post)]
    rejected = Counter(outcome.reason.value for outcome in found if isinstance(outcome, Rejected))
    unique = len({post.external_id for post in posts})
    line = f"{len(records(path)):5} records {unique:5} posts {len(posts) - unique:5} repeated {dict(rejected)}"
    print(f"\n{path.name:58} {line}", end="")  # noqa: T201
    assert len(posts) + rejected.total() == len(records(path))
    if path.name in KNOWN:
        assert (dict(rejected), len(posts) - unique) == KNOWN[path.name]


@pytest.mark.parametrize("path", some(FILES), ids=lambda path: path.name)
def test_posts_keep_the_promises_of_their_type(path: Path) -> None:
    for post in outcomes(path):
        if not isinstance(post, Post):
            continue
        assert CANONICAL.fullmatch(post.url), post.url
        assert post.external_id in post.url
        assert isinstance(post.content_type, ContentType)
        assert post.title or post.text or post.thumbnail_url or post.media_url or post.views is not None
        for text in (post.title, post.text, post.author_name, post.author_url, post.thumbnail_url, post.media_url):
            assert "\x00" not in text
            text.encode()
        assert "&amp;" not in post.text or post.platform in {"youtube", "tiktok"}
        assert not any(tag.startswith("#") or " " in tag or tag != tag.casefold() for tag in post.hashtags)
        assert len(set(post.hashtags)) == len(post.hashtags)
        assert post.published_at is None or post.published_at.tzinfo is UTC
        assert (post.published_at is None) == (post.published_precision is DatePrecision.UNKNOWN)


def one(name: str) -> Path:
    return next(path for path in FILES if path.name == name)


def test_ids_that_a_spreadsheet_destroyed_come_back_from_the_thumbnail() -> None:
    path = one("kaggle-trending-us_2017-09.csv")
    damaged = [row for row in records(path) if row["video_id"] == "#NAME?"]
    assert len(damaged) == 34
    for row in damaged:
        post = normalise(platform_of(path), row, now=NOW)
        assert isinstance(post, Post)
        assert post.external_id in row["thumbnail_link"]
        assert post.external_id.startswith(("-", "="))


def test_a_day_without_a_year_is_an_unknown_date() -> None:
    assert all(
        isinstance(post, Post) and post.published_at is None for post in outcomes(one("kaggle-trending-us_2017-09.csv"))
    )


def test_relative_dates_are_marked_approximate() -> None:
    posts = outcomes(one("youtube-channel-scraper_relative-dates_2025-06.csv"))
    assert {post.published_precision for post in posts if isinstance(post, Post)} == {DatePrecision.RELATIVE}


def test_the_whole_text_of_a_long_tweet_is_kept() -> None:
    lengths = [
        len(outcome.text)
        for path in FILES
        if path.parent.name == "twitter" and path.suffix == ".json"
        for outcome in outcomes(path)
        if isinstance(outcome, Post)
    ]
    assert max(lengths) > 3_000


def test_flat_rows_and_nested_items_of_one_dataset_give_the_same_posts() -> None:
    nested = outcomes(one("tiktok-hashtag-scraper_2025-05-23.derived.json"))
    flat = outcomes(one("tiktok-hashtag-scraper_flat_2025-05-23.csv"))
    assert nested == flat
