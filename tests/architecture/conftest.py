"""The world of the matrix, and vendors that are on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from kapture.core.dryrun import TakenBack
from kapture.sandbox.openai import OpenAIStandIn
from kapture.sandbox.server import Server
from tests.architecture import world as worlds
from tests.architecture.world import World


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """All persons, made once for a module; what tests do to them they take back."""
    with django_db_blocker.unblock(), TakenBack():
        with connection.cursor() as cursor:
            # The transaction is open for as long as the module takes.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield worlds.make()


@pytest.fixture(scope="session")
def writer() -> Iterator[Server]:
    """A model that writes at once."""
    with Server(OpenAIStandIn(words_per_second=0.0, think_seconds=0.0)) as server:
        yield server


@pytest.fixture
def vendors(writer: Server, settings: Any) -> None:
    """The model writes; the other vendors are on and answer nobody, so that requests get as far as they may."""
    settings.OPENAI_API_KEY = settings.APIFY_API_TOKEN = "set"
    settings.OPENAI_BASE_URL = f"{writer.url}/v1"
    settings.APIFY_API_URL = "http://127.0.0.1:9"
    settings.CRON_SECRET_TOKEN = worlds.CLOCK_TOKEN
    settings.API_RATE = "1000000/minute"
