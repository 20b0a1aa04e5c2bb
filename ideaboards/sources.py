"""Captured posts as the writer gets them and as a board cites them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse

from ideaboards.models import BoardSource
from ideaboards.rendering import Reference
from kapture.gateways.writing import Source
from trends.models import Trend


def as_sources(trends: Sequence[Trend]) -> tuple[Source, ...]:
    """Trends numbered from 1 in the order given."""
    return tuple(
        Source(
            n=n,
            platform=trend.platform,
            title=trend.headline,
            author=trend.byline,
            text=trend.text,
            multiple=None if trend.multiple is None else round(trend.multiple, 1),
            hashtags=tuple(trend.hashtags),
        )
        for n, trend in enumerate(trends, 1)
    )


def chosen(user: Any, ids: Iterable[UUID]) -> list[Trend]:
    """The user's trends of these ids, in the order of the ids; those that are gone or somebody else's are left out."""
    wanted = list(dict.fromkeys(ids))
    found = {trend.pk: trend for trend in Trend.objects.for_user(user).filter(pk__in=wanted).defer("search")}
    return [found[pk] for pk in wanted if pk in found]


def references(sources: Iterable[BoardSource]) -> dict[str, Reference]:
    """How a board's citations are shown: by trend id, linked to the trend while it exists."""
    return {
        str(source.key): Reference(
            source.n,
            source.title,
            reverse("trends:detail", args=[source.key]) if _is_there(source) else f"#source-{source.n}",
        )
        for source in sources
    }


def _is_there(source: BoardSource) -> bool:
    """Whether the trend of a source can be looked at: it was neither deleted nor put into the trash."""
    return source.trend is not None and source.trend.trashed_at is None
