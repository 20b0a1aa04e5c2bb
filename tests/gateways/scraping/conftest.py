"""A scraper, and the Apify stand-in it speaks to."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from kapture.core.choices import Platform
from kapture.core.ids import new_id
from kapture.gateways.scraping import ScrapeQuery
from kapture.gateways.scraping.apify import Scraper
from kapture.sandbox.actors import find_generated
from kapture.sandbox.apify import ApifyStandIn
from kapture.sandbox.control import Control
from kapture.sandbox.server import Server
from kapture.sandbox.shapes import Site
from tests.keyfree import reddit, youtube  # noqa: F401  # fixtures

LAMPS = ScrapeQuery(Platform.YOUTUBE, ("studio lighting",), limit=6)


@pytest.fixture(autouse=True)
def own_breaker(settings: Settings) -> None:
    """Failures asked for by one test must not rest the vendor for the next."""
    settings.REDIS_PREFIX = f"test-{new_id().hex}"


@pytest.fixture
def apify(settings: Settings) -> Iterator[Control]:
    """The Apify stand-in on loopback, and its controls; runs end at once."""
    with Server(ApifyStandIn(find_generated(Site()), run_seconds=0.0)) as server:
        settings.APIFY_API_URL = server.url
        settings.APIFY_API_TOKEN = "apify_api_test"
        yield Control(server.url)


@pytest.fixture
def scraper(apify: Control) -> Scraper:
    """A scraper that speaks to the stand-in."""
    return Scraper(LAMPS)
