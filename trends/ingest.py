"""Posts into rows: one batch, one look, one transaction.

New posts are written by COPY, known ones by one UPDATE. That is safe without ON CONFLICT because every writer of a
platform of an owner first locks its `PlatformTotal` row; the unique constraint stands behind it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from kapture.core.choices import Platform
from kapture.core.ids import new_id
from kapture.gateways.scraping import Post
from trends import rows
from trends.authors import Authors, author_key, counters_of
from trends.merging import Known, merged, together
from trends.scoring import Rating, rate

# How many measurements a trend carries for its little plot, and how many posts make a platform's usual.
TRAIL = 12
RECENT = 200
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the posts of a batch: rows that were new, and posts that met a row or another post.

    `met` are the trends behind them, each once, those in the trash among them.
    """

    stored: int = 0
    merged: int = 0
    met: tuple[UUID, ...] = field(default=(), compare=False)

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.stored + other.stored, self.merged + other.merged, self.met + other.met)


def ingest(owner_id: UUID, posts: Sequence[Post], *, now: datetime, scrape_id: UUID | None = None) -> Outcome:
    """Store posts of one owner as seen at `now`, in the caller's transaction; at most `BATCH` a call is sensible.

    A post that is known is merged (see `trends.merging`), measured again and rated anew; a snapshot is kept when one of
    its counters moved, and for each new post. One in the trash is measured like any other, and stays there.
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
            recent = [*recent, *(counters_of(post).reach for post in fresh)][-RECENT:]
            authors = Authors.of(cursor, self.owner_id, self.platform, seen, self.now)
            met = self._write(cursor, seen, known, authors, recent)
            rows.save_total(cursor, self.owner_id, self.platform, added=len(fresh), recent=recent, now=self.now)
        return Outcome(stored=len(fresh), merged=len(posts) - len(fresh), met=met)

    def _write(
        self, cursor: Any, posts: Sequence[Post], known: Mapping[str, Known], authors: Authors, recent: Sequence[int]
    ) -> tuple[UUID, ...]:
        """Write the rows of the batch and their snapshots; answers the ids of the trends."""
        inserts: list[tuple[Any, ...]] = []
        updates: list[dict[str, Any]] = []
        snapshots: list[tuple[Any, ...]] = []
        met: list[UUID] = []
        for post in posts:
            before, counters = known.get(post.external_id), counters_of(post)
            rating = rate(counters, authors.usual(post, recent), published_at=post.published_at, now=self.now)
            row = self._row(post, before, rating)
            met.append(row["id"])
            if before is None:
                inserts.append(tuple(row.values()))
            else:
                updates.append(row)
            if before is None or before.counters != counters:
                snapshots.append(rows.snapshot_row(row["id"], self.now, counters, rating))
        rows.insert_trends(cursor, inserts)
        rows.update_trends(cursor, updates)
        rows.insert_snapshots(cursor, snapshots)
        return tuple(met)

    def _row(self, post: Post, before: Known | None, rating: Rating) -> dict[str, Any]:
        first_seen = before.created_at if before else self.now
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
