"""The SQL of ingestion: bulk reads and writes of trends, snapshots and totals, each one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.backends.utils import CursorWrapper

from kapture.core.choices import Platform
from kapture.gateways.scraping import ContentType, DatePrecision, Post
from trends.merging import Known
from trends.scoring import Counters, Rating

# Column -> PostgreSQL type, in the order in which rows are copied; the generated column is the database's own.
COLUMNS = {
    "id": "uuid", "owner_id": "uuid", "created_at": "timestamptz", "updated_at": "timestamptz",
    "platform": "varchar", "external_id": "varchar", "url": "text", "content_type": "varchar", "title": "text",
    "text": "text", "author_key": "text", "author_id": "text", "author_name": "text", "author_handle": "text",
    "author_url": "text", "author_followers": "int8", "community": "text", "published_at": "timestamptz",
    "published_precision": "varchar", "duration_s": "int4", "thumbnail_url": "text", "media_url": "text",
    "language": "varchar", "hashtags": "text[]", "views": "int8", "likes": "int8", "comments": "int8", "shares": "int8",
    "scraped_at": "timestamptz", "dated_at": "timestamptz", "looks": "int4", "scrape_id": "uuid", "reach": "int8",
    "velocity": "float8", "engagement": "float8", "baseline": "varchar", "baseline_reach": "float8",
    "baseline_size": "int4", "multiple": "float8", "score": "float8", "trail": "int8[]",
}  # fmt: skip
SNAPSHOT = {
    "trend_id": "uuid", "at": "timestamptz", "views": "int8", "likes": "int8", "comments": "int8", "shares": "int8",
    "reach": "int8", "multiple": "float8", "velocity": "float8", "score": "float8",
}  # fmt: skip
FIXED = ("id", "owner_id", "created_at", "platform", "external_id", "scrape_id")
POST_FIELDS = (
    "url", "content_type", "title", "text", "author_id", "author_name", "author_handle", "author_url",
    "author_followers", "community", "published_at", "published_precision", "duration_s", "thumbnail_url",
    "media_url", "language", "hashtags", "views", "likes", "comments", "shares",
)  # fmt: skip


def names(columns: Iterable[str]) -> str:
    """Quoted column names with commas between them."""
    return ", ".join(f'"{column}"' for column in columns)


# Built from the constants above; values are always parameters.
COPY_TRENDS = f"COPY trends_trend ({names(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
COPY_SNAPSHOTS = f"COPY trends_snapshot ({names(SNAPSHOT)}) FROM STDIN (FORMAT BINARY)"
CHANGED = {column: kind for column, kind in COLUMNS.items() if column not in FIXED}
UPDATE_TRENDS = f"""
    UPDATE trends_trend SET {", ".join(f'"{column}" = fresh."{column}"' for column in CHANGED)}
    FROM jsonb_to_recordset(%s::jsonb) AS fresh(
        id uuid, {", ".join(f'"{column}" {kind}' for column, kind in CHANGED.items())}
    )
    WHERE trends_trend.id = fresh.id
"""  # noqa: S608
KNOWN_POSTS = f"""
    SELECT id, external_id, created_at, looks, trail, {names(POST_FIELDS)}
    FROM trends_trend WHERE owner_id = %s AND platform = %s AND external_id = ANY(%s)
"""  # noqa: S608
AUTHOR_POSTS = """
    SELECT author.key, latest.external_id, latest.reach, latest.published_at, latest.scraped_at, latest.looks, latest.id
    FROM unnest(%(keys)s::text[]) AS author(key)
    CROSS JOIN LATERAL (
        SELECT external_id, reach, published_at, scraped_at, looks, id FROM trends_trend
        WHERE owner_id = %(owner)s AND platform = %(platform)s AND author_key = author.key
        ORDER BY dated_at DESC LIMIT %(limit)s
    ) AS latest
"""
# One look for each half octave of age (1 h, 1.4 h, 2 h, …), its last: what is comparable needs no more.
LOOKS = """
    SELECT DISTINCT ON (look.trend_id, age.step) look.trend_id, look.at, look.reach
    FROM unnest(%s::uuid[], %s::timestamptz[]) AS post(id, published_at)
    JOIN trends_snapshot AS look ON look.trend_id = post.id
    CROSS JOIN LATERAL (
        SELECT floor(2 * ln(greatest(extract(epoch FROM look.at - post.published_at) / 3600, 1)::float8) / ln(2))
    ) AS age(step)
    ORDER BY look.trend_id, age.step, look.at DESC
"""
LOCK_TOTAL = "SELECT recent FROM trends_platformtotal WHERE owner_id = %s AND platform = %s FOR UPDATE"
OPEN_TOTAL = """
    INSERT INTO trends_platformtotal (owner_id, platform, count, recent) VALUES (%s, %s, 0, '{}')
    ON CONFLICT (owner_id, platform) DO NOTHING
"""
SAVE_TOTAL = """
    UPDATE trends_platformtotal SET count = count + %s, recent = %s::int8[], last_look_at = %s
    WHERE owner_id = %s AND platform = %s
"""


def lock_total(cursor: CursorWrapper, owner_id: UUID, platform: Platform) -> list[int]:
    """Become the only writer of a platform of an owner until the transaction ends; the reach of its latest posts."""
    cursor.execute(LOCK_TOTAL, [owner_id, platform.value])
    row = cursor.fetchone()
    if row is None:
        cursor.execute(OPEN_TOTAL, [owner_id, platform.value])
        cursor.execute(LOCK_TOTAL, [owner_id, platform.value])
        row = cursor.fetchone()
    return list(row[0]) if row else []


def save_total(
    cursor: CursorWrapper, owner_id: UUID, platform: Platform, *, added: int, recent: list[int], now: datetime
) -> None:
    """Write the total that was locked."""
    cursor.execute(SAVE_TOTAL, [added, recent, now, owner_id, platform.value])


def known_posts(cursor: CursorWrapper, owner_id: UUID, platform: Platform, external_ids: list[str]) -> dict[str, Known]:
    """Those of the posts that have a row already, by the platform's id."""
    cursor.execute(KNOWN_POSTS, [owner_id, platform.value, external_ids])
    known = {}
    for pk, external_id, created_at, looks, trail, *values in cursor.fetchall():
        fields = dict(zip(POST_FIELDS, values, strict=True))
        fields["content_type"] = ContentType(fields["content_type"])
        fields["published_precision"] = DatePrecision(fields["published_precision"])
        fields["hashtags"] = tuple(fields["hashtags"])
        post = Post(platform=platform, external_id=external_id, **fields)
        known[external_id] = Known(pk, post, created_at, looks, tuple(trail))
    return known


@dataclass(frozen=True, slots=True)
class AuthorPost:
    """A post of an author as it stood at its last look; `looks` says how many there were."""

    author_key: str
    external_id: str
    reach: int
    published_at: datetime | None
    scraped_at: datetime
    looks: int
    id: UUID


def author_posts(
    cursor: CursorWrapper, owner_id: UUID, platform: Platform, keys: list[str], *, limit: int
) -> list[AuthorPost]:
    """The latest posts of each author, at most `limit` an author."""
    if not keys:
        return []
    cursor.execute(AUTHOR_POSTS, {"keys": keys, "owner": owner_id, "platform": platform.value, "limit": limit})
    return [AuthorPost(*row) for row in cursor.fetchall()]


def earlier_looks(cursor: CursorWrapper, posts: Iterable[AuthorPost]) -> dict[UUID, list[tuple[datetime, int]]]:
    """(time, reach) of kept looks of posts that were looked at more than once and whose age is known."""
    dated = [(post.id, post.published_at) for post in posts if post.looks > 1 and post.published_at]
    found: dict[UUID, list[tuple[datetime, int]]] = {}
    if dated:
        cursor.execute(LOOKS, [[pk for pk, _ in dated], [published_at for _, published_at in dated]])
        for pk, at, reach in cursor.fetchall():
            found.setdefault(pk, []).append((at, reach))
    return found


def trend_row(post: Post, rating: Rating, *, now: datetime, trail: Sequence[int], **own: Any) -> dict[str, Any]:
    """All columns of a trend, in the order of `COLUMNS`."""
    values = {
        **own,
        **{name: getattr(post, name) for name in POST_FIELDS},
        "platform": post.platform.value,
        "external_id": post.external_id,
        "content_type": post.content_type.value,
        "published_precision": post.published_precision.value,
        "hashtags": list(post.hashtags),
        "updated_at": now,
        "scraped_at": now,
        "reach": rating.reach,
        "velocity": rating.velocity,
        "engagement": rating.engagement,
        "baseline": rating.usual.baseline.value,
        "baseline_reach": rating.usual.reach,
        "baseline_size": rating.usual.size,
        "multiple": rating.multiple,
        "score": rating.score,
        "trail": list(trail),
    }
    return {column: values[column] for column in COLUMNS}


def snapshot_row(trend_id: UUID, now: datetime, counters: Counters, rating: Rating) -> tuple[Any, ...]:
    """All columns of a snapshot, in the order of `SNAPSHOT`."""
    measured = (counters.views, counters.likes, counters.comments, counters.shares)
    return trend_id, now, *measured, rating.reach, rating.multiple, rating.velocity, rating.score


def insert_trends(cursor: CursorWrapper, found: Sequence[tuple[Any, ...]]) -> None:
    """Add new rows."""
    _copy(cursor, COPY_TRENDS, list(COLUMNS.values()), found)


def insert_snapshots(cursor: CursorWrapper, found: Sequence[tuple[Any, ...]]) -> None:
    """Add measurements."""
    _copy(cursor, COPY_SNAPSHOTS, list(SNAPSHOT.values()), found)


def update_trends(cursor: CursorWrapper, found: Sequence[dict[str, Any]]) -> None:
    """Write rows that exist; where they came from and when they were first seen stays."""
    if found:
        fresh = [{column: row[column] for column in ("id", *CHANGED)} for row in found]
        cursor.execute(UPDATE_TRENDS, [orjson.dumps(fresh).decode()])


def _copy(cursor: CursorWrapper, statement: str, kinds: list[str], found: Sequence[tuple[Any, ...]]) -> None:
    if not found:
        return
    with cursor.copy(statement) as copy:
        copy.set_types(kinds)
        for row in found:
            copy.write_row(row)
