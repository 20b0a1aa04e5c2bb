"""Sample posts: repeatable, growing, and shaped like what the actors return."""

import json
import statistics
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kapture.sandbox.actors import find_generated, platform_of
from kapture.sandbox.posts import PLATFORMS, look
from kapture.sandbox.shapes import Site
from tests.sandbox.test_apify import INPUTS

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
find = find_generated(Site("http://127.0.0.1:7000"))


def items(platform: str, now: datetime = NOW, **changes: Any) -> list[dict[str, Any]]:
    actor, run_input = INPUTS[platform]
    found = find(actor, {**run_input, **changes}, now)
    assert found is not None
    return found


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_same_search_finds_the_same_posts(platform: str) -> None:
    assert items(platform) == items(platform)
    assert json.loads(json.dumps(items(platform))) == items(platform)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_later_look_sees_grown_counters_and_newer_posts(platform: str) -> None:
    early = {post.draft.key: post for post in look(platform, "hooks", 60, NOW)}
    late = {post.draft.key: post for post in look(platform, "hooks", 60, NOW + timedelta(hours=12))}
    both = early.keys() & late.keys()
    assert len(both) > 30
    assert all(late[key].views >= early[key].views for key in both)
    assert any(late[key].views > early[key].views * 1.02 for key in both)
    assert late.keys() - early.keys()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_posts_lie_in_the_past_and_most_of_them_are_recent(platform: str) -> None:
    ages = [(NOW - post.draft.published) / timedelta(days=1) for post in look(platform, "hooks", 40, NOW)]
    assert min(ages) >= 0
    assert statistics.median(ages) < 7
    assert max(ages) < 60


@pytest.mark.parametrize("platform", PLATFORMS)
def test_authors_have_a_usual_and_some_posts_break_out(platform: str) -> None:
    breakouts = total = 0
    for keyword in ("hooks", "studio light", "street food", "b-roll"):
        by_author: dict[str, list[int]] = defaultdict(list)
        for post in look(platform, keyword, 60, NOW):
            by_author[post.draft.author.handle].append(post.views)
        assert sum(len(views) >= 3 for views in by_author.values()) >= 4
        for views in by_author.values():
            usual = statistics.median(views)
            breakouts += sum(3 <= count / usual <= 30 for count in views if len(views) >= 3)
            total += len(views)
    assert 0.02 < breakouts / total < 0.3


@pytest.mark.parametrize("platform", PLATFORMS)
def test_titles_are_varied_and_complete(platform: str) -> None:
    titles = [post.draft.title for post in look(platform, "street food", 80, NOW)]
    assert len(set(titles)) > 60
    assert not any("{" in title or "}" in title for title in titles)


def test_ids_and_addresses_are_unique_and_of_each_platforms_form() -> None:
    for platform in PLATFORMS:
        posts = look(platform, "hooks", 200, NOW)
        assert len({post.draft.key for post in posts}) == len(posts)
    assert all(len(item["id"]) == 11 for item in items("youtube") if "id" in item)
    assert all(len(item["id"]) == 19 for item in items("tiktok") if "id" in item)
    assert all(item["id"].startswith("t3_") for item in items("reddit") if item["dataType"] == "post")
    assert all(item["url"].startswith("http://127.0.0.1:7000/watch/") for item in items("x") if "url" in item)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_two_keywords_share_some_posts(platform: str) -> None:
    first, second = ({post.draft.key for post in look(platform, word, 100, NOW)} for word in ("hooks", "lighting"))
    assert 0 < len(first & second) < 30


def test_items_that_are_no_posts_occur() -> None:
    words = [f"word {number}" for number in range(40)]
    found = items("youtube", searchQueries=words, maxResults=2)
    assert any(item.get("error") == "NO_VIDEOS" for item in found)
    assert any(item.get("noResults") for item in items("x", searchTerms=words, maxItems=500))
    assert any(item["dataType"] == "community" for item in items("reddit", searches=words, maxItems=500))


def test_an_empty_search_answers_as_each_actor_does() -> None:
    assert [item["error"] for item in items("youtube", searchQueries=["zzz"])] == ["NO_VIDEOS"]
    assert items("reddit", searches=["zzz"]) == []
    assert items("x", searchTerms=["zzz"]) == [{"noResults": True}]


def test_dates_of_the_input_are_respected() -> None:
    recent = items("youtube", dateFilter="today", maxResults=100)
    assert recent
    assert all(item["date"] >= "2026-11-19T12:00" for item in recent if "date" in item)


def test_ten_thousand_posts_can_be_asked_for() -> None:
    assert len(look("tiktok", "bench", 10_000, NOW)) == 10_000


def test_actors_are_known_by_name() -> None:
    actors = {platform: actor for platform, (actor, _) in INPUTS.items()}
    assert {platform: platform_of(actor) for platform, actor in actors.items()} == {name: name for name in INPUTS}
    assert platform_of("somebody/pinterest-scraper") is None
