"""A writer that answers, and captured posts to lean on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from kapture.sandbox.control import Control
from kapture.sandbox.openai import OpenAIStandIn
from kapture.sandbox.server import Server
from trends.models import Trend


@pytest.fixture(scope="session")
def openai_server() -> Iterator[Server]:
    """The OpenAI stand-in, answering at once."""
    with Server(OpenAIStandIn(words_per_second=0.0, think_seconds=0.0)) as server:
        yield server


@pytest.fixture
def openai(openai_server: Server, settings: Any) -> Iterator[Control]:
    """Writing is on, and this controls who writes."""
    settings.OPENAI_API_KEY = "sandbox"
    settings.OPENAI_BASE_URL = f"{openai_server.url}/v1"
    control = Control(openai_server.url)
    control.reset()
    yield control
    control.reset()


def captured(owner: User, number: int = 1, **fields: Any) -> Trend:
    """One captured post of a user."""
    now = timezone.now()
    values = {
        "platform": "tiktok",
        "external_id": f"post-{number}",
        "url": f"https://www.tiktok.com/@juno/video/{number}",
        "content_type": "video",
        "title": f"The three second hook number {number}",
        "text": "You lose them at second three, so open on the result and let the lamp do the work.",
        "author_handle": "juno",
        "hashtags": ["hooks", "studio"],
        "views": 1000 * number,
        "scraped_at": now,
        "dated_at": now,
        "multiple": 9.4,
        "score": float(number),
    }
    return Trend.objects.create(owner=owner, **{**values, **fields})


@pytest.fixture
def trends(alice: User) -> list[Trend]:
    """Three captured posts of Alice."""
    return [captured(alice, number) for number in (1, 2, 3)]
