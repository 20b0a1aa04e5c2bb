"""One door to the normalisers, and the filters a search asked for that no actor applies reliably."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from kapture.core.choices import Platform
from kapture.gateways.scraping import keyfree, reddit, tiktok, x, youtube
from kapture.gateways.scraping.item import Item
from kapture.gateways.scraping.switch import SERVICE
from kapture.gateways.scraping.types import Post, Rejected, RejectReason, ScrapeQuery
from kapture.gateways.scraping.values import link

Normaliser = Callable[..., Post | Rejected]
NORMALISERS: dict[Platform, Normaliser] = {
    Platform.YOUTUBE: youtube.normalise,
    Platform.TIKTOK: tiktok.normalise,
    Platform.REDDIT: reddit.normalise,
    Platform.X: x.normalise,
}
# An actor's day does not begin when ours does, and a range is meant as "about".
LEEWAY = timedelta(hours=12)


def normalise(
    platform: Platform, record: object, *, now: datetime, kept_hosts: Collection[str] = (), provider: str = SERVICE
) -> Post | Rejected:
    """Bring any JSON value a provider gave into a `Post`, or say why it is none; never raises.

    An address on one of `kept_hosts` ("host:port") is kept as it is: the sandbox's pages stand for the platforms'.
    """
    if not isinstance(record, Mapping) or not record:
        return Rejected(RejectReason.BAD_SHAPE, type(record).__name__)
    if provider in keyfree.NORMALISERS:
        return keyfree.NORMALISERS[provider](record, now=now)
    post: Post | Rejected = NORMALISERS[platform](record, now=now)
    if kept_hosts and isinstance(post, Post):
        given = link(Item(record).get("url", "webVideoUrl", "postUrl"))
        if given and urlsplit(given).netloc in kept_hosts:
            return replace(post, url=given)
    return post


def refused(query: ScrapeQuery, post: Post, *, now: datetime) -> Rejected | None:
    """Why a post does not answer the search; None when it does.

    A post that does not tell its date or language passes those filters (the actor was asked to apply them); one that
    does not tell its views fails a lowest number of views, except on Reddit, which never tells views. A look at given
    posts wants them all.
    """
    if query.urls:
        return None
    if query.min_views and post.platform is not Platform.REDDIT and (post.views or 0) < query.min_views:
        return Rejected(RejectReason.BELOW_MIN_VIEWS, "unknown" if post.views is None else str(post.views))
    if query.date_range and post.published_at:
        oldest = now - timedelta(days=query.date_range.days) - LEEWAY
        if post.published_at < oldest:
            return Rejected(RejectReason.TOO_OLD, post.published_at.date().isoformat())
    if query.language and post.language and post.language != query.language:
        return Rejected(RejectReason.OTHER_LANGUAGE, post.language)
    return None
