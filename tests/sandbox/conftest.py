"""Stand-ins on free ports, one set for each test module; each test starts with their state reset."""

from collections.abc import Iterator

import pytest

from kapture.sandbox.actors import find_generated
from kapture.sandbox.apify import ApifyStandIn
from kapture.sandbox.control import Control
from kapture.sandbox.server import Server
from kapture.sandbox.shapes import Site


@pytest.fixture(scope="module")
def apify_server() -> Iterator[Server]:
    """An Apify stand-in whose runs take a fifth of a second."""
    with Server(ApifyStandIn(find_generated(Site("http://127.0.0.1:9")), run_seconds=0.2)) as server:
        yield server


@pytest.fixture
def apify(apify_server: Server) -> Control:
    """The remote control of a fresh Apify stand-in."""
    control = Control(apify_server.url)
    control.reset()
    return control
