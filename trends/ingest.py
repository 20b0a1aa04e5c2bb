"""Posts into rows: one batch, one look, one transaction.

New posts are written by COPY, known ones by one UPDATE. That is safe without ON CONFLICT because every writer of a
platform of an owner first locks its `PlatformTotal` row; the unique constraint stands behind it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from kapture.core.choices import Platform
from kapture.core.ids import new_id
from kapture.gateways.scraping import Post
from trends import rows
from trends.merging import Known, merged, together
from trends.scoring import AUTHOR_POSTS, Counters, Usual, rate, usual

# How many measurements a trend carries for its little plot, and how many posts make a platform's usual.
TRAIL = 12
RECENT = 200
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the posts of a batch: rows that were new, and posts that met a row or another post."""

    stored: int = 0
    merged: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.stored + other.stored, self.merged + other.merged)


def ingest(owner_id: UUID, posts: Sequence[Post], *, now: datetime, scrape_id: UUID | None = None) -> Outcome:
    """Store posts of one owner as seen at `now`, in the caller's transaction; at most `BATCH` a call is sensible.

    A post that is known is merged (see `trends.merging`), measured again and rated anew; a snapshot is kept when one of
    its counters moved, and for each new post.
    """
    outcome = Outcome()
    for platform in sorted({post.platform for post in posts}):
        mine = [post for post in posts if post.platform is platform]
        outcome += _Look(owner_id, platform, now, scrape_id).take(mine)
    return outcome


class _Look:
    """One batch on one platform."""

    def __init__(self, owner_id: UUID, platform: Platform, now: datetime, scrape_id: UUID | None) -> None:
        self.owner_id, self.platform, self.now, self.scrape_id = owner_id, platform, now, scrape_id

    def take(self, posts: Sequence[Post]) -> Outcome:
        unique = together(posts)
        with connection.cursor() as cursor:
            recent = rows.lock_total(cursor, self.owner_id, self.platform)
            known = rows.known_posts(cursor, self.owner_id, self.platform, list(unique))
            seen = [merged(known.get(key), post) for key, post in unique.items()]
            fresh = [post for post in seen if post.external_id not in known]
            recent = [*recent, *(_counters(post).reach for post in fresh)][-RECENT:]
            authors = self._reach_of_authors(cursor, seen)
            inserts: list[tuple[Any, ...]] = []
            updates: list[dict[str, Any]] = []
            snapshots: list[tuple[Any, ...]] = []
            for post in seen:
                before = known.get(post.external_id)
                row = self._row(post, before, usual(authors.get(author_key(post), ()), recent))
                if before is None:
                    inserts.append(tuple(row.values()))
                else:
                    updates.append(row)
                counters = _counters(post)
                if before is None or before.counters != counters:
                    snapshots.append((row["id"], self.now, *rows.counted(counters)))
            rows.insert_trends(cursor, inserts)
            rows.update_trends(cursor, updates)
            rows.insert_snapshots(cursor, snapshots)
            rows.save_total(cursor, self.owner_id, self.platform, added=len(fresh), recent=recent, now=self.now)
        return Outcome(stored=len(fresh), merged=len(posts) - len(fresh))

    def _reach_of_authors(self, cursor: Any, posts: Iterable[Post]) -> dict[str, list[int]]:
        """Reach of the latest posts of each author, those of this batch with their new figures."""
        mine: dict[str, dict[str, int]] = {}
        for post in posts:
            if key := author_key(post):
                mine.setdefault(key, {})[post.external_id] = _counters(post).reach
        for key, external_id, reach in rows.author_posts(
            cursor, self.owner_id, self.platform, list(mine), limit=AUTHOR_POSTS
        ):
            mine[key].setdefault(external_id, reach)
        return {key: list(found.values()) for key, found in mine.items()}

    def _row(self, post: Post, before: Known | None, known: Usual) -> dict[str, Any]:
        first_seen = before.created_at if before else self.now
        rating = rate(_counters(post), known, published_at=post.published_at, now=self.now)
        trail = [*(before.trail if before else ()), rating.reach][-TRAIL:]
        return rows.trend_row(
            post,
            rating,
            id=before.id if before else new_id(),
            owner_id=self.owner_id,
            author_key=author_key(post),
            created_at=first_seen,
            now=self.now,
            dated_at=post.published_at or first_seen,
            looks=(before.looks if before else 0) + 1,
            scrape_id=self.scrape_id,
            trail=trail,
        )


def author_key(post: Post) -> str:
    """What tells authors apart within a platform: the handle, which every kind of item has, else id, else name."""
    return (post.author_handle or post.author_id or post.author_name).casefold()[:200]


def _counters(post: Post) -> Counters:
    return Counters(post.views, post.likes, post.comments, post.shares)
