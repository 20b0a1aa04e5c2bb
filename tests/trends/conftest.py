"""Posts to capture, and an Apify stand-in to capture them from."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from kapture.core.choices import Platform
from kapture.gateways.scraping import ContentType, DatePrecision, Post
from kapture.sandbox.actors import find_generated
from kapture.sandbox.apify import ApifyStandIn
from kapture.sandbox.control import Control
from kapture.sandbox.server import Server
from kapture.sandbox.shapes import Site
from tests.keyfree import reddit, youtube  # noqa: F401  # fixtures
from trends.ingest import Outcome, ingest

MakePost = Callable[..., Post]
Capture = Callable[..., Outcome]
_numbers = count(1)


def make_post(**facts: Any) -> Post:
    """A video of Lampe with 1,000 views, published a day ago, unless told otherwise."""
    number = next(_numbers)
    given: dict[str, Any] = {
        "platform": Platform.YOUTUBE,
        "external_id": f"vid{number:08d}",
        "content_type": ContentType.VIDEO,
        "title": f"Lamp number {number}",
        "author_handle": "lampe",
        "author_name": "Lampe",
        "published_at": timezone.now() - timedelta(days=1),
        "published_precision": DatePrecision.EXACT,
        "views": 1_000,
        "likes": 50,
        "comments": 5,
        **facts,
    }
    given.setdefault("url", f"https://www.youtube.com/watch?v={given['external_id']}")
    return Post(**given)


@pytest.fixture
def capture(db: None) -> Capture:
    """Take posts in for a user, as a scrape would."""

    def taken(user: User, *posts: Post, now: datetime | None = None) -> Outcome:
        with transaction.atomic():
            return ingest(user.pk, posts, now=now or timezone.now())

    return taken


@pytest.fixture
def apify(settings: Settings) -> Iterator[Control]:
    """The Apify stand-in on loopback, and its controls; runs end at once."""
    with Server(ApifyStandIn(find_generated(Site()), run_seconds=0.0)) as server:
        settings.APIFY_API_URL = server.url
        settings.APIFY_API_TOKEN = "apify_api_test"
        yield Control(server.url)
