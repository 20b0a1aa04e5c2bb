"""A list of trends costs the same for a thousand and for a hundred thousand trends of one person."""

import random
import time
from dataclasses import replace
from datetime import timedelta
from statistics import median

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import issue_key
from billing.models import Plan
from kapture.core.choices import Platform
from kapture.gateways.scraping import ContentType, DatePrecision, Post
from trends.ingest import BATCH, ingest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
SMALL, LARGE = 1_000, 100_000
REQUESTS = 120
API = ("", "?sort=-score", "?sort=-views&platform=tiktok", "?dateRange=7d&sort=-velocity", "?minViews=100000")
PAGES = ("", "?sort=-scrapedAt&platform=x", "?period=30d")


def made(count: int, luck: random.Random) -> list[Post]:
    """Posts of all platforms with words and figures as they are met."""
    words = ["lamp", "light", "window", "studio", "colour", "street", "review", "guide", "winter", "trick"]
    return [
        Post(
            platform=platform,
            external_id="",
            url=f"https://example.com/{number}",
            content_type=luck.choice([ContentType.VIDEO, ContentType.IMAGE, ContentType.TEXT]),
            title=" ".join(luck.choices(words, k=8)),
            text=" ".join(luck.choices(words, k=luck.randint(5, 120))),
            author_handle=f"author{luck.randrange(count // 10)}",
            hashtags=tuple(luck.sample(words, k=3)),
            published_at=timezone.now(),
            published_precision=DatePrecision.EXACT,
            views=None if platform is Platform.REDDIT else int(luck.paretovariate(0.5) * 100) % 50_000_000,
            likes=luck.randrange(10_000),
            comments=luck.randrange(1_000),
        )
        for number, platform in enumerate(luck.choices(list(Platform), k=count))
    ]


def fill(user: User, given: list[Post], count: int) -> None:
    """Capture varied copies of posts, spread over years, until there are `count`."""
    luck, now = random.Random(5), timezone.now()
    for start in range(0, count, BATCH):
        batch = [
            replace(
                post,
                external_id=f"v{number:010}" if post.platform is Platform.YOUTUBE else str(10**16 + number),
                views=None if post.views is None else int(post.views * luck.uniform(0.2, 3)),
                published_at=now - timedelta(hours=luck.expovariate(1 / 3_000)),
            )
            for number, post in enumerate(luck.choices(given, k=min(BATCH, count - start)), start)
        ]
        with transaction.atomic():
            ingest(user.pk, batch, now=now - timedelta(minutes=count - start))


def p95(times: list[float]) -> float:
    """The time that 95 of 100 requests stay below, in milliseconds."""
    return sorted(times)[int(0.95 * len(times))] * 1_000


def compare(path: str, small: Client, large: Client) -> float:
    """p95 of the large list over that of the small one, requests taking turns."""
    times: dict[Client, list[float]] = {small: [], large: []}
    for _ in range(REQUESTS):
        for client, found in times.items():
            began = time.perf_counter()
            answer = client.get(path)
            found.append(time.perf_counter() - began)
            assert answer.status_code == 200
    ratio = p95(times[large]) / p95(times[small])
    figures = " ".join(f"p50 {median(found) * 1_000:6.1f} p95 {p95(found):6.1f} ms" for found in times.values())
    print(f"\nlist    {path:42} {figures}  x{ratio:.2f}", end="")  # noqa: T201
    return ratio


def test_lists_do_not_grow(alice: User, bob: User) -> None:
    Plan.objects.update(requests_per_minute=1_000_000)
    given = made(2_000, random.Random(7))
    for user, count in ((alice, SMALL), (bob, LARGE)):
        fill(user, given, count)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    api = [Client(headers={"Authorization": f"Bearer {issue_key(user, 'bench').secret}"}) for user in (alice, bob)]
    browsers = [Client(), Client()]
    for browser, user in zip(browsers, (alice, bob), strict=True):
        browser.force_login(user)
    ratios = [compare(f"/api/trends{path}", *api) for path in API]
    ratios += [compare(f"/trends/{path}", *browsers) for path in PAGES]
    # One path may meet a busy moment of the machine; a list that grows would show it in all of them.
    assert median(ratios) <= 1.5
