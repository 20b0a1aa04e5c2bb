"""The stand-ins of the ways without a key, and looks at posts that were shown before."""

import ssl
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from kapture.sandbox.actors import find_generated
from kapture.sandbox.apify import ApifyStandIn
from kapture.sandbox.clock import now
from kapture.sandbox.control import Control
from kapture.sandbox.known import Known
from kapture.sandbox.posts import PLATFORMS, look
from kapture.sandbox.recorded import find_recorded
from kapture.sandbox.reddit import RedditStandIn
from kapture.sandbox.server import Server
from kapture.sandbox.shapes import Site
from kapture.sandbox.youtube import YouTubeStandIn, ago

ACTORS = {"youtube": "streamers/youtube-scraper", "tiktok": "clockworks/tiktok-scraper",
          "reddit": "trudax/reddit-scraper-lite", "x": "apidojo/tweet-scraper"}  # fmt: skip
SEARCHES = {
    "youtube": {"searchQueries": ["lamps"], "maxResults": 4},
    "tiktok": {"searchQueries": ["lamps"], "resultsPerPage": 4},
    "reddit": {"searches": ["lamps"], "maxItems": 4},
    "x": {"searchTerms": ["lamps"], "maxItems": 4},
}
ADDRESS = {"youtube": "url", "tiktok": "webVideoUrl", "reddit": "url", "x": "url"}
COUNTER = {"youtube": "viewCount", "tiktok": "playCount", "reddit": "upVotes", "x": "viewCount"}


def look_input(platform: str, urls: list[str]) -> dict[str, Any]:
    if platform == "tiktok":
        return {"postURLs": urls}
    return {"startUrls": urls if platform == "x" else [{"url": url} for url in urls]}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("base", ["", "http://127.0.0.1:7000"])
def test_an_actor_finds_posts_again_by_their_addresses_and_their_counters_moved(platform: str, base: str) -> None:
    find, at = find_generated(Site(base)), now()
    first = [item for item in find(ACTORS[platform], SEARCHES[platform], at) if ADDRESS[platform] in item][:3]
    urls = [item[ADDRESS[platform]] for item in first]
    later = find(ACTORS[platform], look_input(platform, [*urls, "https://x.com/nobody/status/1"]), at, 4.0)
    assert [item["id"] for item in later[:3]] == [item["id"] for item in first]
    assert all(b[COUNTER[platform]] >= a[COUNTER[platform]] for a, b in zip(first, later[:3], strict=True))
    assert sum(b[COUNTER[platform]] for b in later[:3]) > sum(a[COUNTER[platform]] for a in first)
    assert later[3]["error"] == "NOT_FOUND"


def test_the_same_moment_tells_the_same_counters() -> None:
    find, at = find_generated(Site()), now()
    assert find(ACTORS["x"], SEARCHES["x"], at) == find(ACTORS["x"], SEARCHES["x"], at)
    grown = find(ACTORS["x"], SEARCHES["x"], at, 3.0)
    assert [item["id"] for item in grown] == [item["id"] for item in find(ACTORS["x"], SEARCHES["x"], at)]


def test_addresses_that_are_none_are_refused_as_input() -> None:
    with Server(ApifyStandIn(find_generated(Site()))) as server:
        start = f"{server.url}/v2/acts/apidojo~tweet-scraper/runs?token=t"
        request = urllib.request.Request(start, b'{"startUrls": [5]}', method="POST")
        with pytest.raises(HTTPError) as caught:
            urllib.request.urlopen(request)
    assert caught.value.code == 400


def test_what_was_shown_is_known_after_a_restart(tmp_path: Path) -> None:
    shown = look("tiktok", "lamps", 5, now())
    file = tmp_path / "posts.jsonl"
    known = Known(file)
    known.note(post.draft for post in shown)
    known.note(post.draft for post in shown)
    assert len(file.read_text().splitlines()) == 5
    again = Known(file)
    for post in shown:
        assert again.find("tiktok", f"https://www.tiktok.com/@x/video/{post.draft.key}?lang=en") == post.draft
        assert again.find("youtube", post.draft.key) is None


def test_recorded_items_are_found_by_their_addresses(tmp_path: Path) -> None:
    (tmp_path / "twitter").mkdir()
    (tmp_path / "twitter" / "a.json").write_text('[{"id": "1", "url": "https://x.com/a/status/1"}, {"url": 5}]')
    find = find_recorded(tmp_path)
    assert find(ACTORS["x"], {"startUrls": ["https://x.com/a/status/1"]}, now()) == [
        {"id": "1", "url": "https://x.com/a/status/1"}
    ]


@pytest.fixture
def reddit() -> Iterator[Control]:
    with Server(RedditStandIn(Site())) as server:
        yield Control(server.url)


def test_reddit_lists_and_looks(reddit: Control) -> None:
    listed = reddit.get("/search.json?q=lamps&limit=5&t=month")["data"]["children"]
    names = ",".join(child["data"]["name"] for child in listed)
    again = reddit.get(f"/api/info.json?id={names},t3_nobody")["data"]["children"]
    assert [child["data"]["id"] for child in again] == [child["data"]["id"] for child in listed]
    assert {child["kind"] for child in listed} == {"t3"}
    assert reddit.get("/search.json?q=zzz")["data"]["dist"] == 0


def test_reddit_lets_nobody_in_who_does_not_say_who_asks(reddit: Control) -> None:
    request = urllib.request.Request(f"{reddit.url}/search.json?q=lamps", headers={"User-Agent": ""})
    with pytest.raises(HTTPError) as caught:
        urllib.request.urlopen(request)
    assert caught.value.code == 429


def test_youtube_is_found_through_a_tunnel_and_nothing_else_is() -> None:
    with Server(YouTubeStandIn(Site())) as server:
        open_ = urllib.request.build_opener(
            urllib.request.ProxyHandler({"https": server.url}),
            urllib.request.HTTPSHandler(context=ssl._create_unverified_context()),
        ).open
        body = b'{"query": "lamps"}'
        with open_(urllib.request.Request("https://www.youtube.com/youtubei/v1/search", body)) as answer:
            assert b"videoRenderer" in answer.read()
        with pytest.raises(OSError, match="405"):
            open_("https://www.example.com/")
        with pytest.raises(HTTPError, match="400"):
            open_(urllib.request.Request("https://www.youtube.com/youtubei/v1/search", b'{"continuation": "x|y|z"}'))
        assert [request["path"] for request in Control(server.url).requests()] == ["/youtubei/v1/search"] * 2


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=5), "1 minute ago"),
        (timedelta(minutes=90), "1 hour ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=15), "2 weeks ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_ages_are_told_in_the_words_of_the_lists(age: timedelta, words: str) -> None:
    assert ago(age) == words
