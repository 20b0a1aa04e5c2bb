"""A million trends of a thousand people: what a busy installation holds after a year."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.db import connection

from accounts.models import User

RARE, COMMON, UNSPACED = "zanzibar", "lamp", "東京"
KINDS = 2_000
YEAR = 365 * 24 * 3600
# A list must not grow at all; a search may take twice as long, for there is more to rank and to look through.
STEADY, SEARCHED = 1.3, 2.0
# What is asked, by name, and how many times longer it may take.
PATHS = {
    "list": ("/api/trends", STEADY),
    "list, page": ("/trends/", STEADY),
    "platform and views": ("/api/trends?platform=tiktok&minViews=5000&sort=-score", STEADY),
    "hashtag": (f"/api/trends?hashtag={COMMON}", STEADY),
    "language and type": ("/api/trends?language=en&contentType=video", STEADY),
    "tag": ("/api/trends?tag=used", STEADY),
    "period": ("/api/trends?dateRange=30d&sort=-score", STEADY),
    "search, rare word": (f"/api/trends?q={RARE}", SEARCHED),
    "search, common word": (f"/api/trends?q={COMMON}", SEARCHED),
    "search, no spaces": (f"/api/trends?q={quote(UNSPACED)}", SEARCHED),
    "detail": ("/api/trends/{pk}", STEADY),
    "detail, page": ("/trends/{pk}/", STEADY),
    "summary": ("/api/trends/summary?dateRange=30d", STEADY),
    "hashtags": ("/api/trends/analytics/hashtags?dateRange=30d", STEADY),
    "analytics, page": ("/trends/analytics/?period=30d", STEADY),
}
# A few thousand kinds of posts: words, hashtags, authors and figures as they are met.
POOL = """
    CREATE TEMP TABLE pool AS
    SELECT number,
        (ARRAY['youtube', 'tiktok', 'reddit', 'x'])[1 + number %% 4] AS platform,
        (SELECT string_agg(word, ' ') FROM (
            SELECT (%(words)s::text[])[1 + floor(random() * 40)::int] AS word FROM generate_series(1, 8 + number * 0)
        ) AS picked) AS title,
        (SELECT string_agg(word, ' ') FROM (
            SELECT (%(words)s::text[])[1 + floor(random() * 40)::int] AS word FROM generate_series(1, 5 + number %% 80)
        ) AS picked) AS text,
        (SELECT array_agg(DISTINCT word) FROM (
            SELECT (%(words)s::text[])[1 + floor(random() * 40)::int] AS word FROM generate_series(1, 3 + number * 0)
        ) AS picked) AS hashtags,
        (100 / greatest(random(), 0.0001) ^ 1.3)::bigint AS views
    FROM generate_series(0, %(kinds)s - 1) AS number
"""
# In no order, as the rows of many people are: everybody's lie all over the table.
TRENDS = """
    INSERT INTO trends_trend (
        id, owner_id, created_at, updated_at, platform, external_id, url, content_type, title, text, author_key,
        author_id, author_name, author_handle, author_url, community, published_at, published_precision, thumbnail_url,
        media_url, language, hashtags, tags, views, likes, comments, scraped_at, dated_at, looks, reach, velocity,
        engagement, baseline, baseline_reach, baseline_size, multiple, score, trail
    )
    SELECT uuidv7(), owner_id, at, at, platform, 'p' || k, 'https://example.com/' || k, 'video',
        title || CASE WHEN k IN (7, 300, 900) THEN ' ' || %(rare)s ELSE '' END
            || CASE WHEN k %% 50 = 0 THEN ' ' || %(unspaced)s || 'タワー' ELSE '' END,
        text, author, '', 'Author ' || author, author, '', '', at, 'exact', '', '', 'en', hashtags,
        CASE WHEN k %% 40 = 0 THEN ARRAY['used'] ELSE '{}' END, reach, reach / 20, reach / 200, at, at, 1, reach,
        reach / greatest(extract(epoch FROM now() - at) / 3600, 1), 0.055, 'author', 1000, 10, reach / 1000.0,
        reach / 1000.0 * random(), ARRAY[reach]
    FROM (
        SELECT owner.owner_id, k, pool.*, (pool.views * (0.2 + 2.8 * random()))::bigint AS reach,
            'author' || (k %% greatest(10, owner.count / 10)) AS author,
            now() - %(year)s * interval '1 second' * k / owner.count - interval '1 minute' * random() AS at
        FROM owner CROSS JOIN LATERAL generate_series(1, owner.count) AS k
        JOIN pool ON pool.number = (k * 7919 + owner.number * 131) %% %(kinds)s
    ) AS made
    ORDER BY random()
"""
SNAPSHOTS = """
    INSERT INTO trends_snapshot (trend_id, at, views, likes, comments, reach)
    SELECT id, dated_at + look * interval '3 hours', views * look / 3, likes * look / 3, comments, views * look / 3
    FROM trends_trend CROSS JOIN generate_series(1, 3) AS look WHERE hashtext(external_id) % 5 = 0
"""
TOTALS = """
    INSERT INTO trends_platformtotal (owner_id, platform, count, recent, last_look_at)
    SELECT owner_id, platform, count(*), '{}', max(scraped_at) FROM trends_trend GROUP BY owner_id, platform
"""
SECONDARY = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename IN ('trends_trend', 'trends_snapshot') AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


def words() -> list[str]:
    """Forty words, the common one among them."""
    return [COMMON, *(f"word{chr(97 + number // 6)}{chr(97 + number % 6)}" for number in range(39))]


@contextmanager
def without_indexes() -> Iterator[None]:
    """Tables to be filled; their indexes are made again afterwards, which is quicker than row by row."""
    with connection.cursor() as cursor:
        cursor.execute(SECONDARY)
        made = cursor.fetchall()
        for name, _ in made:
            cursor.execute(f'DROP INDEX "{name}"')
        try:
            yield
        finally:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            for _, definition in made:
                cursor.execute(definition)


def fill(counts: dict[User, int]) -> None:
    """So many trends for each person, and three snapshots for a fifth of them."""
    values = {"words": words(), "kinds": KINDS, "rare": RARE, "unspaced": UNSPACED, "year": YEAR}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET work_mem = '512MB'")
        cursor.execute(POOL, values)
        cursor.execute("CREATE TEMP TABLE owner (owner_id uuid, number int, count int)")
        with cursor.copy("COPY owner FROM STDIN") as copy:
            for number, (user, count) in enumerate(counts.items()):
                copy.write_row((user.pk, number, count))
        with without_indexes():
            cursor.execute(TRENDS, values)
            cursor.execute(SNAPSHOTS)
        cursor.execute(TOTALS)
        cursor.execute("DROP TABLE pool, owner")
        cursor.execute("VACUUM ANALYZE trends_trend, trends_snapshot, trends_platformtotal")


def empty() -> None:
    """Take the rows away at once; deleting a million one by one takes minutes."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE trends_trend, trends_snapshot, trends_platformtotal CASCADE")
