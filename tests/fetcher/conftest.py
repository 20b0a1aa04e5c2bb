"""A site, a service that may fetch from it, and the product that asks through a bad wire."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from kapture.gateways.media import switch
from kapture.gateways.media.reasons import FetchFailed
from kapture.gateways.media.types import Fetched, FetchRequest, Progress
from tests.fetcher.meddler import Meddler, meddling
from tests.fetcher.running import TOKEN, Running
from tests.gateways.media.conftest import QUICK, media
from tests.gateways.media.site import Site, running

__all__ = ["media"]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running() as one:
        yield one


@pytest.fixture(scope="module")
def service(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("service")
    one = Running(home, EGRESS_ALLOW=site.host, DOWNLOAD_MAX_BYTES=str(1 << 20)).start()
    yield one
    one.stop()


@pytest.fixture
def wire(settings: Settings, service: Running) -> Iterator[Meddler]:
    """The wire between the product and the service."""
    with meddling(service.url) as one:
        settings.YTDLP_SERVICE_URL, settings.YTDLP_SERVICE_TOKEN = one.url, TOKEN
        yield one


class Caller:
    """Fetching through whatever the settings name."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.heard: list[Progress] = []
        self.stopped: Callable[[], bool] = lambda: False

    def fetch(self, url: str, **tight: object) -> Fetched:
        request = FetchRequest(url=url, limits=replace(QUICK, **tight))
        return switch.fetch(request, scratch=self.scratch, on_progress=self.heard.append, stopped=self.stopped)

    def fails(self, url: str, **tight: object) -> FetchFailed:
        """The failure, after which nothing lies about."""
        with pytest.raises(FetchFailed) as caught:
            self.fetch(url, **tight)
        assert list(self.scratch.iterdir()) == []
        return caught.value


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "attempt-1")


@pytest.fixture(scope="module")
def clip(site: Site, media: Path) -> str:
    """The address of a small film."""
    return site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
