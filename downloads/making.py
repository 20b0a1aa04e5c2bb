"""The row of a download before it is saved: of a link or a trend, as wish and policies decide."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from downloads.choices import Kind
from downloads.models import Download
from downloads.policies import Decided, Layers
from downloads.specs import DownloadSpec, Wish, plain, platform_of
from kapture.core.errors import InvalidInput
from kapture.gateways.scraping import ContentType
from kapture.jobs.lanes import Lane
from trends.models import Trend


def trends_of(user: Any, specs: Sequence[DownloadSpec]) -> dict[Any, Trend]:
    """The trends that specs name, as far as they are the user's own; one query, or none."""
    wanted = {spec.trend_id for spec in specs if spec.trend_id is not None}
    return {trend.pk: trend for trend in Trend.objects.for_user(user).filter(pk__in=wanted)} if wanted else {}


def row_of(user: Any, spec: DownloadSpec, trends: dict[Any, Trend], layers: Layers) -> tuple[Download, Lane]:
    """The row of a wish, not saved, and its lane; raises `InvalidInput` for a trend that is missing, foreign or without
    media.
    """
    if spec.trend_id is None:
        return _as_decided(_of_link(user, spec), layers.decide(spec, spec.url))
    trend = trends.get(spec.trend_id)
    if trend is None:
        raise InvalidInput({"trendId": ["There is no such trend."]})
    if trend.content_type == ContentType.TEXT:
        raise InvalidInput({"trendId": ["This post is text; there is no media in it."]})
    picture = trend.content_type == ContentType.IMAGE
    download = Download(
        owner=user,
        trend=trend,
        # The page of a picture post tells yt-dlp nothing; the picture itself has an address.
        url=plain((trend.media_url if picture and spec.wish is None else "") or trend.url),
        webpage_url=trend.url,
        platform=trend.platform,
        title=trend.headline[:500],
        author=trend.byline[:500],
        poster_url=trend.thumbnail_url,
        duration_s=trend.duration_s,
    )
    # Whatever a policy says, a picture cannot become a film.
    as_it_is = replace(spec, wish=Wish(Kind.IMAGE)) if picture and spec.wish is None else spec
    return _as_decided(download, layers.decide(as_it_is, trend.url))


def _of_link(user: Any, spec: DownloadSpec) -> Download:
    download = Download(owner=user, url=spec.url, platform=platform_of(spec.url) or "")
    if spec.told is not None:
        download.title, download.author = spec.told.title, spec.told.author
        download.poster_url, download.duration_s = spec.told.poster_url, spec.told.duration
    return download


def _as_decided(download: Download, decided: Decided) -> tuple[Download, Lane]:
    wish = decided.wish
    download.kind, download.quality, download.convert_to = wish.kind, wish.quality, wish.convert_to
    download.subtitles = decided.subtitles
    return download, decided.lane
