"""Two looks at one post brought together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from kapture.gateways.scraping import DatePrecision, Post
from trends.scoring import Counters

TEXTS = (
    "title", "text", "author_id", "author_name", "author_handle", "author_url", "community", "thumbnail_url",
    "media_url", "language", "hashtags",
)  # fmt: skip
NUMBERS = ("author_followers", "duration_s", "views", "likes", "comments", "shares")
# An exact time is not replaced by one that is known less well; "2 years ago" moves with each look, so the first stays.
TRUST = {DatePrecision.EXACT: 3, DatePrecision.DAY: 2, DatePrecision.RELATIVE: 1, DatePrecision.UNKNOWN: 0}


@dataclass(frozen=True, slots=True)
class Known:
    """A row as it was before this look."""

    id: UUID
    post: Post
    created_at: datetime
    looks: int
    trail: tuple[int, ...]

    @property
    def counters(self) -> Counters:
        """Its measurements."""
        return Counters(self.post.views, self.post.likes, self.post.comments, self.post.shares)


def together(posts: Sequence[Post]) -> dict[str, Post]:
    """Posts by id, in order of the ids; copies of one post become one, the later of them winning where both speak."""
    unique: dict[str, Post] = {}
    for post in posts:
        before = unique.get(post.external_id)
        unique[post.external_id] = _over(before, post) if before else post
    return dict(sorted(unique.items()))


def merged(known: Known | None, post: Post) -> Post:
    """The post as it stands after this look: what it says now, and what it said before where it is silent now."""
    return _over(known.post, post) if known else post


def _over(before: Post, now: Post) -> Post:
    kept: dict[str, Any] = {name: getattr(before, name) for name in TEXTS if not getattr(now, name)}
    kept |= {name: getattr(before, name) for name in NUMBERS if getattr(now, name) is None}
    if before.published_at and TRUST[before.published_precision] >= TRUST[now.published_precision]:
        moved = now.published_precision is DatePrecision.EXACT is before.published_precision
        if not moved:
            kept |= {"published_at": before.published_at, "published_precision": before.published_precision}
    return replace(now, **kept) if kept else now
