"""Looking at known posts again, which costs their owner nothing: how alerts are graded."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from kapture.core.choices import Platform
from kapture.core.ids import new_id
from kapture.core.locks import Lock
from kapture.gateways.scraping import require_on
from kapture.jobs.services import enqueue
from trends.models import Purpose, Scrape, Trend
from trends.specs import KIND

MOST_POSTS: Final = 50
# Looks cost their owner nothing, so something else must bound what they cost us: posts of a person in a UTC day.
MOST_A_DAY: Final = 100


def is_our_turn(owner_id: UUID) -> bool:
    """Whether nobody else is asking for looks of a person now; until the transaction ends nobody else will."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [Lock.LOOKS, str(owner_id)])
        return bool(cursor.fetchone()[0])


def left_today(user: Any) -> int:
    """How many posts of a person may still be looked at until midnight UTC."""
    midnight = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    asked = Scrape.objects.for_user(user).filter(purpose=Purpose.LOOK, created_at__gte=midnight)
    return max(0, MOST_A_DAY - (asked.aggregate(posts=Sum("limit"))["posts"] or 0))


def request_look(user: Any, platform: Platform, trends: Sequence[Trend]) -> Scrape:
    """Have up to fifty posts of one platform measured again; no unit is held for it.

    Raises `Unavailable` while nobody is set up to ask the platform.
    """
    provider = require_on(platform)
    urls = [trend.url for trend in trends]
    assert 1 <= len(urls) <= MOST_POSTS
    title = f"{platform.label}: look at {len(urls)} post{'' if len(urls) == 1 else 's'} again"
    with transaction.atomic():
        scrape_id = new_id()
        job = enqueue(user, KIND, {"scrapeId": str(scrape_id)}, title=title, subject_id=scrape_id)
        return Scrape.objects.create(
            id=scrape_id,
            owner=user,
            job=job,
            purpose=Purpose.LOOK,
            platform=platform,
            urls=urls,
            limit=len(urls),
            vendor=provider.name,
        )
