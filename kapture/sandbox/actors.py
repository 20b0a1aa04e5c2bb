"""The four actors: which input they understand, and what they find."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from kapture.sandbox import shapes
from kapture.sandbox.clips import path_of
from kapture.sandbox.clock import iso
from kapture.sandbox.known import Known
from kapture.sandbox.messages import BadRequestError
from kapture.sandbox.posts import REDDIT, TIKTOK, YOUTUBE, Post, X, at, look

Item = dict[str, Any]
Shape = Callable[[Post, shapes.Site, int, str, datetime], Item]

# A keyword that starts so has no results, for showing what an empty search looks like.
NOTHING = "zzz"
_DAY = 86_400.0
_SHAPES: dict[str, Shape] = {YOUTUBE: shapes.youtube, TIKTOK: shapes.tiktok, REDDIT: shapes.reddit, X: shapes.x}
_YOUTUBE_DATES = {"hour": 3600.0, "today": _DAY, "week": 7 * _DAY, "month": 30 * _DAY, "year": 365 * _DAY}
_TIKTOK_DATES = {"1": _DAY, "2": 7 * _DAY, "3": 30 * _DAY, "4": 90 * _DAY, "5": 365 * _DAY}
_REDDIT_DATES = {"hour": 3600.0, "day": _DAY, "week": 7 * _DAY, "month": 30 * _DAY, "year": 365 * _DAY}


@dataclass(frozen=True, slots=True)
class Search:
    """What one run looks for: every keyword up to `each` posts, `total` items together."""

    platform: str
    keywords: tuple[str, ...]
    each: int
    total: int | None = None
    within: float | None = None


def platform_of(actor: str) -> str | None:
    """The platform an actor works on, by the words of its name; None for an actor nobody has heard of."""
    words = {YOUTUBE: "youtube", TIKTOK: "tiktok", REDDIT: "reddit"}
    for platform, word in words.items():
        if word in actor:
            return platform
    return X if "tweet" in actor or "twitter" in actor else None


def search_of(platform: str, value: Mapping[str, Any], now: datetime) -> Search:
    """The search an input asks for, with the actors' own names and defaults; `BadRequestError` where they refuse."""
    match platform:
        case "youtube":
            each = _whole(value, "maxResults", 0) + _whole(value, "maxResultsShorts", 0)
            within = _YOUTUBE_DATES.get(str(value.get("dateFilter", "")))
            return Search(platform, _texts(value, "searchQueries"), each, None, within)
        case "tiktok":
            keywords = (*_texts(value, "searchQueries"), *_texts(value, "hashtags"))
            within = _TIKTOK_DATES.get(str(value.get("searchDatePosted", "")))
            since = _age(value.get("oldestPostDateUnified"), now)
            return Search(platform, keywords, _whole(value, "resultsPerPage", 1), None, since or within)
        case "reddit":
            total, each = _whole(value, "maxItems", 10), _whole(value, "maxPostCount", 10)
            within = _age(value.get("postDateLimit"), now) or _REDDIT_DATES.get(str(value.get("time", "")))
            return Search(platform, _texts(value, "searches"), min(each, total), total, within)
        case _:
            total = _whole(value, "maxItems", 1000)
            keywords = tuple(_bare(term) for term in _texts(value, "searchTerms"))
            return Search(platform, keywords, -(-total // max(len(keywords), 1)), total, _age(value.get("start"), now))


def wanted_posts(platform: str, value: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses of single posts that an input asks for, under each actor's own name."""
    given = value.get("postURLs" if platform == TIKTOK else "startUrls") or []
    urls = [entry.get("url") if isinstance(entry, Mapping) else entry for entry in given]
    if not isinstance(given, list) or not all(isinstance(url, str) for url in urls):
        raise BadRequestError("Input is not valid: addresses must be strings.")
    return tuple(str(url) for url in urls)


def find_generated(site: shapes.Site, known: Known | None = None) -> Callable[..., list[Item] | None]:
    """A finder of sample posts whose pages and pictures are on `site`; posts it has shown it also finds by address."""
    shown = known or Known()

    def find(actor: str, value: Mapping[str, Any], now: datetime, growth: float = 1.0) -> list[Item] | None:
        platform = platform_of(actor)
        if platform is None:
            return None
        if urls := wanted_posts(platform, value):
            return [_again(platform, url, shown, site, now, growth) for url in urls]
        search = search_of(platform, value, now)
        return list(_items(search, shown, site, now, growth))[: search.total]

    return find


def _again(platform: str, url: str, shown: Known, site: shapes.Site, now: datetime, growth: float) -> Item:
    """One post as it is now, or what the actors say of one that is gone."""
    draft = shown.find(platform, url)
    if draft is None:
        return {"url": url, "error": "NOT_FOUND", "note": "The post was not found.", "input": url}
    return _SHAPES[platform](at(draft, now, growth), site, 0, url, now)


def _items(search: Search, shown: Known, site: shapes.Site, now: datetime, growth: float) -> Iterator[Item]:
    for keyword in search.keywords:
        found = [] if keyword.casefold().startswith(NOTHING) else _looked(search, keyword, now, growth)
        shown.note(post.draft for post in found)
        yield from (_SHAPES[search.platform](post, site, order, keyword, now) for order, post in enumerate(found))
        if not found:
            yield from _nothing(search.platform, keyword)
        elif Random(f"{search.platform}|{keyword}|odd").random() < 0.2:
            yield _odd(search.platform, keyword, now)


def _looked(search: Search, keyword: str, now: datetime, growth: float) -> Sequence[Post]:
    return look(search.platform, keyword, search.each, now, search.within, growth=growth)


def _nothing(platform: str, keyword: str) -> Iterator[Item]:
    """What the actors store for a search without results; Reddit's stores nothing."""
    if platform == YOUTUBE:
        url = f"https://www.youtube.com/results?search_query={path_of(keyword)}"
        yield {"url": url, "error": "NO_VIDEOS", "note": "No videos found on the page.", "input": keyword}
    elif platform == TIKTOK:
        url = f"https://www.tiktok.com/search?q={path_of(keyword)}"
        yield {"url": url, "error": "No results were found for this query.", "input": keyword}
    elif platform == X:
        yield {"noResults": True}


def _odd(platform: str, keyword: str, now: datetime) -> Item:
    """An item that is no post, as the actors now and then mix in."""
    if platform == REDDIT:
        name = "".join(letter for letter in keyword.title() if letter.isalnum()) or "Sample"
        return {
            "id": "2qh1i",
            "name": f"t5_{name.lower()[:6]}",
            "title": f"Everything about {keyword}",
            "url": f"https://www.reddit.com/r/{name}/",
            "numberOfMembers": 48_211,
            "createdAt": "Created Jun 14, 2012",
            "scrapedAt": iso(now),
            "dataType": "community",
        }
    return next(_nothing(platform, f"{keyword} 4k"))


def _texts(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    texts = value.get(name) or []
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadRequestError(f"Input is not valid: Field input.{name} must be array of strings.")
    return tuple(text.strip() for text in texts if text.strip())


def _whole(value: Mapping[str, Any], name: str, default: int) -> int:
    number = value.get(name, default)
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise BadRequestError(f"Input is not valid: Field input.{name} must be integer >= 0.")
    return number


def _age(text: object, now: datetime) -> float | None:
    """Seconds since a `YYYY-MM-DD…` date, or a number of days; None when there is none."""
    if not text:
        return None
    try:
        if str(text).isdigit():
            return int(str(text)) * _DAY
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise BadRequestError(f"Input is not valid: {text} is not a date.") from error
    return max((now - moment.replace(tzinfo=moment.tzinfo or now.tzinfo)) / timedelta(seconds=1), 0.0)


def _bare(term: str) -> str:
    """A search term without X's operators: `studio lighting lang:en min_faves:5` looks for `studio lighting`."""
    words = [word for word in term.split() if ":" not in word and not word.startswith("-")]
    return " ".join(words).strip('"') or term
