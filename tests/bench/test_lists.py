"""A list costs the same whether its owner has a thousand rows or a hundred thousand."""

import statistics
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.services import issue_key
from tests.bench.timing import interleaved, p95, show
from trends.models import PlatformTotal

SMALL, LARGE, ROUNDS = 1_000, 100_000, 200
GROWTH = 1.5
FILL = """
    INSERT INTO trends_trend (id, owner_id, created_at, updated_at, platform, external_id, url, content_type, title,
        text, author_key, author_id, author_name, author_handle, author_url, community, published_precision,
        thumbnail_url, media_url, language, hashtags, views, likes, scraped_at, dated_at, looks, reach, velocity,
        baseline, baseline_size, multiple, score, trail)
    SELECT gen_random_uuid(), %(owner)s, now(), now(), (ARRAY['youtube', 'tiktok', 'reddit', 'x'])[1 + n %% 4],
        n::text, 'https://example.com/' || n, 'video', 'A clip about thing ' || n %% 500, 'words of number ' || n,
        'author' || n %% 300, '', 'Author ' || n %% 300, 'author' || n %% 300, '', '', 'exact', '', '', 'en',
        ARRAY['tag' || n %% 50], n * 7 %% 900000, n %% 5000, now() - n * interval '1 second',
        now() - n * interval '1 minute', 1, n * 7 %% 900000, n %% 1000, 'author', 10, (n %% 90) / 10.0,
        (n %% 90) / 10.0, ARRAY[n %% 900]
    FROM generate_series(1, %(count)s) AS n
"""
PATHS = {
    "first page": "/api/trends",
    "sorted by views": "/api/trends?sort=-views",
    "one platform, by score": "/api/trends?platform=tiktok&sort=-score",
    "page": "/trends/",
}


def fill(user: User, count: int) -> Client:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(FILL, {"owner": user.pk, "count": count})
        cursor.execute("ANALYZE trends_trend")
        cursor.execute("SET statement_timeout = '5s'")
    for platform in ("youtube", "tiktok", "reddit", "x"):
        PlatformTotal.objects.update_or_create(owner=user, platform=platform, defaults={"count": count // 4})
    client = Client(headers={"Authorization": f"Bearer {issue_key(user, 'bench').secret}"})
    client.force_login(user)
    return client


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_the_trends_list_does_not_grow_with_its_owner(alice: User, bob: User, settings: Any) -> None:
    settings.API_RATE = "10000000/minute"
    small, large = fill(alice, SMALL), fill(bob, LARGE)
    ratios = {}
    for name, path in PATHS.items():
        assert small.get(path).status_code == large.get(path).status_code == 200
        taken = interleaved(
            ROUNDS,
            **{"1,000 rows": lambda: small.get(path), "100,000 rows": lambda: large.get(path)},  # noqa: B023
        )
        show(f"{name}: {path}", taken)
        ratios[name] = p95(taken["100,000 rows"]) / p95(taken["1,000 rows"])
        medians = statistics.median(taken["100,000 rows"]) / statistics.median(taken["1,000 rows"])
        print(f"  growth: p95 {ratios[name]:.2f}x, p50 {medians:.2f}x")  # noqa: T201
    assert {name: ratio for name, ratio in ratios.items() if ratio > GROWTH} == {}
