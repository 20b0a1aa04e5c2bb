"""The input each actor understands, from a `ScrapeQuery`.

Limits are money: every input asks for no more than `limit` posts over all keywords, and for posts alone (no comments,
no downloads of media, subtitles or covers, which the actors charge extra).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from kapture.core.choices import Platform
from kapture.gateways.scraping.types import DateRange, ScrapeQuery

ActorInput = dict[str, Any]
# Where our job id travels, so that a run whose id was lost can be found again by its input.
JOB_KEY: Final = "kaptureJob"

YOUTUBE_DATES: Mapping[DateRange, str] = {DateRange.DAY: "today", DateRange.WEEK: "week", DateRange.MONTH: "month"}
TIKTOK_DATES: Mapping[DateRange, str] = {DateRange.DAY: "1", DateRange.WEEK: "2", DateRange.MONTH: "3"}
# Downloads are charged extra.
TIKTOK_MEDIA: Final = dict.fromkeys(
    ("shouldDownloadVideos", "shouldDownloadCovers", "shouldDownloadSubtitles", "shouldDownloadSlideshowImages"), False
)
REDDIT_TIMES: Mapping[DateRange, str] = {DateRange.DAY: "day", DateRange.WEEK: "week", DateRange.MONTH: "month"}


def actor_input(query: ScrapeQuery, *, job_id: UUID, now: datetime) -> ActorInput:
    """The run input for the actor of the query's platform, with the job id under `customData.kaptureJob`."""
    found = LOOKS[query.platform](query) if query.urls else BUILDERS[query.platform](query, now)
    return {**found, "customData": {JOB_KEY: str(job_id)}}


def job_of(run_input: object) -> str:
    """The job id inside a run's input; '' when it is not one of ours."""
    custom = run_input.get("customData") if isinstance(run_input, Mapping) else None
    found = custom.get(JOB_KEY) if isinstance(custom, Mapping) else None
    return found if isinstance(found, str) else ""


def _each(query: ScrapeQuery) -> int:
    """Posts per keyword, so that all keywords together reach the limit."""
    return -(-query.limit // len(query.keywords))


def _youtube(query: ScrapeQuery, now: datetime) -> ActorInput:
    # The actor counts Shorts apart; asking for both halves gives the mix YouTube itself shows.
    each = _each(query)
    dates = {"dateFilter": YOUTUBE_DATES[query.date_range]} if query.date_range else {}
    return {
        "searchQueries": list(query.keywords),
        "maxResults": each - each // 2,
        "maxResultsShorts": each // 2,
        "maxResultStreams": 0,
        "downloadSubtitles": False,
        **dates,
    }


def _tiktok(query: ScrapeQuery, now: datetime) -> ActorInput:
    tags = [keyword.lstrip("#") for keyword in query.keywords if keyword.startswith("#")]
    searches = [keyword for keyword in query.keywords if not keyword.startswith("#")]
    dates = {"searchDatePosted": TIKTOK_DATES[query.date_range]} if query.date_range else {}
    return {
        **({"hashtags": tags} if tags else {}),
        **({"searchQueries": searches, "searchSection": "/video", **dates} if searches else {}),
        "resultsPerPage": _each(query),
        **TIKTOK_MEDIA,
    }


def _reddit(query: ScrapeQuery, now: datetime) -> ActorInput:
    return {
        "searches": list(query.keywords),
        "searchPosts": True,
        "searchComments": False,
        "searchCommunities": False,
        "searchUsers": False,
        "sort": "top" if query.date_range else "relevance",
        "time": REDDIT_TIMES[query.date_range] if query.date_range else "all",
        "includeNSFW": False,
        "maxItems": query.limit,
        "maxPostCount": _each(query),
        "maxComments": 0,
        "skipComments": True,
        "proxy": {"useApifyProxy": True},
    }


def _x(query: ScrapeQuery, now: datetime) -> ActorInput:
    since = now - timedelta(days=query.date_range.days) if query.date_range else None
    return {
        "searchTerms": list(query.keywords),
        "sort": "Top",
        "maxItems": query.limit,
        **({"tweetLanguage": query.language} if query.language else {}),
        **({"start": since.date().isoformat()} if since else {}),
    }


def _youtube_look(query: ScrapeQuery) -> ActorInput:
    # A number for each kind, because the actor reads nothing of a kind of which it may read none.
    most = len(query.urls)
    return {
        "startUrls": [{"url": url} for url in query.urls],
        "maxResults": most,
        "maxResultsShorts": most,
        "maxResultStreams": 0,
        "downloadSubtitles": False,
    }


def _tiktok_look(query: ScrapeQuery) -> ActorInput:
    return {"postURLs": list(query.urls), "resultsPerPage": 1, **TIKTOK_MEDIA}


def _reddit_look(query: ScrapeQuery) -> ActorInput:
    return {
        "startUrls": [{"url": url} for url in query.urls],
        "includeNSFW": True,
        "maxItems": len(query.urls),
        "maxPostCount": len(query.urls),
        "maxComments": 0,
        "skipComments": True,
        "proxy": {"useApifyProxy": True},
    }


def _x_look(query: ScrapeQuery) -> ActorInput:
    return {"startUrls": list(query.urls), "maxItems": len(query.urls)}


BUILDERS: Mapping[Platform, Callable[[ScrapeQuery, datetime], ActorInput]] = {
    Platform.YOUTUBE: _youtube,
    Platform.TIKTOK: _tiktok,
    Platform.REDDIT: _reddit,
    Platform.X: _x,
}
LOOKS: Mapping[Platform, Callable[[ScrapeQuery], ActorInput]] = {
    Platform.YOUTUBE: _youtube_look,
    Platform.TIKTOK: _tiktok_look,
    Platform.REDDIT: _reddit_look,
    Platform.X: _x_look,
}
