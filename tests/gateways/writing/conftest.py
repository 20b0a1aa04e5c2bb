"""A scripted provider and a writer that speaks to it."""

from collections.abc import Iterator

import pytest

from kapture.gateways.writing import Timeouts, Writer
from kapture.sandbox.server import Server
from tests.gateways.writing.provider import Scripted


@pytest.fixture
def provider() -> Iterator[Scripted]:
    """A scripted provider on loopback."""
    scripted = Scripted()
    with Server(scripted) as server:
        scripted.url = f"{server.url}/v1"
        yield scripted


@pytest.fixture
def writer(provider: Scripted) -> Writer:
    """A writer that speaks to the scripted provider."""
    return Writer("key", provider.url, "m-1", Timeouts(connect=1.0, read=1.0, total=3.0))
