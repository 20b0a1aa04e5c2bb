"""What analytics read: per concern one walk along an index, over a stated number of rows at most."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Concat, Left

from kapture.core.choices import Platform
from trends.analytics.figures import Fact, Sample
from trends.analytics.periods import Period
from trends.analytics.topics import WORDS_READ, Post
from trends.models import Trend
from trends.wording import headline

# No figure depends on more posts of a period than these, the newest ones.
CONSIDERED: Final = 5_000
FACTS: Final = (
    "id", "platform", "author_key", "author_name", "author_handle", "hashtags", "reach", "multiple", "engagement",
    "score", "dated_at",
)  # fmt: skip
POST: Final = ("id", "platform", "hashtags", "reach", "dated_at", "published_precision")
FIRST_SEEN: Final = """
    SELECT post.id, seen.at FROM unnest(%s::uuid[], %s::bigint[]) AS post(id, least)
    CROSS JOIN LATERAL (
        SELECT at FROM trends_snapshot
        WHERE trend_id = post.id AND greatest(reach, coalesce(views, likes, 0)) >= post.least ORDER BY at LIMIT 1
    ) AS seen
"""


def facts(user: Any, period: Period, platform: Platform | None) -> Sample:
    """The newest posts of a period and of the one before, 5,000 of each at most."""
    now, before = (found.values_list(*FACTS) for found in _newest(user, period, platform))
    (mine, cut), (earlier, cut_before) = _bounded(now, Fact), _bounded(before, Fact)
    return Sample(mine, earlier, cut, cut_before)


def posts(user: Any, period: Period) -> tuple[list[Post], list[Post], bool]:
    """Posts of all platforms in a period and in the one before, with their topics, and whether there are more."""
    # Words are only looked at where a post carries no hashtag.
    words = Case(
        When(hashtags=[], then=Left(Concat("title", Value(" ", TextField()), "text"), WORDS_READ)),
        default=Value(""),
        output_field=TextField(),
    )
    now, before = (found.values_list(*POST, words) for found in _newest(user, period, None))
    (mine, cut), (earlier, cut_before) = _bounded(now, Post), _bounded(before, Post)
    return mine, earlier, cut or cut_before


def first_seen(posts: Sequence[Post], least: Mapping[str, int]) -> dict[UUID, datetime]:
    """When a look first found each post at the least reach of its platform; `posts` are the caller's own."""
    if not posts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FIRST_SEEN, [[post.pk for post in posts], [least[post.platform] for post in posts]])
        return dict(cursor.fetchall())


def headlines(user: Any, ids: Collection[UUID]) -> dict[UUID, str]:
    """A line that stands for each post; one that was deleted meanwhile has none."""
    rows = Trend.objects.for_user(user).filter(pk__in=ids).annotate(words=Left("text", 600))
    found = rows.values_list("id", "title", "words", "author_name", "author_handle", "platform")
    return {
        pk: headline(title=title, text=text, name=name or handle, platform=platform)
        for pk, title, text, name, handle, platform in found
    }


def _newest(user: Any, period: Period, platform: Platform | None) -> tuple[Any, Any]:
    mine = Trend.objects.for_user(user).order_by(F("dated_at").desc(), F("id").desc())
    if platform:
        mine = mine.filter(platform=platform)
    # What claims to come from the future belongs to the present; the list shows it there, too.
    return mine.filter(dated_at__gte=period.since), mine.filter(dated_at__gte=period.before, dated_at__lt=period.since)


def _bounded(found: Any, kind: Any) -> tuple[list[Any], bool]:
    rows = [kind(*values) for values in found[: CONSIDERED + 1]]
    return rows[:CONSIDERED], len(rows) > CONSIDERED
