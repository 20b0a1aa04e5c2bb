"""Looking at known posts again, which costs their owner nothing: how alerts are graded."""

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction

from kapture.core.choices import Platform
from kapture.core.ids import new_id
from kapture.gateways.scraping import require_on
from kapture.jobs.services import enqueue
from trends.models import Purpose, Scrape, Trend
from trends.specs import KIND

MOST_POSTS: Final = 50


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
