"""Stand-ins of the two ways without a key, as fixtures for whoever imports them."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from kapture.sandbox.control import Control
from kapture.sandbox.reddit import RedditStandIn
from kapture.sandbox.server import Server
from kapture.sandbox.shapes import Site
from kapture.sandbox.youtube import YouTubeStandIn

SEARCH = "POST /youtubei/v1/search"
PLAYER = "POST /youtubei/v1/player"
LISTING = "GET /search.json"
INFO = "GET /api/info.json"


@pytest.fixture
def youtube(settings: Settings) -> Iterator[Control]:
    """YouTube on loopback, behind the proxy that yt-dlp is given."""
    with Server(YouTubeStandIn(Site())) as server:
        settings.YOUTUBE_PROXY, settings.SANDBOX = server.url, settings.SANDBOX | {"ytdlp"}
        yield Control(server.url)


@pytest.fixture
def reddit(settings: Settings) -> Iterator[Control]:
    """Reddit's listing on loopback."""
    with Server(RedditStandIn(Site())) as server:
        settings.REDDIT_API_URL = server.url
        yield Control(server.url)
