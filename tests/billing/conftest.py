"""A Stripe account for the tests that need one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from billing.demo import put_on_sale
from kapture.sandbox.server import Server
from kapture.sandbox.stripe import StripeStandIn
from tests.billing.till import KEY, SECRET, Till


@pytest.fixture(scope="session")
def stripe_server() -> Iterator[Server]:
    """One stand-in, which sends nothing by itself."""
    with Server(StripeStandIn(webhook_secret=SECRET, deliver="manual")) as server:
        yield server


@pytest.fixture
def till(stripe_server: Server, plans: None, settings: Settings) -> Till:
    """A fresh account, which the settings name and which sells what we offer."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
    settings.STRIPE_API_BASE = stripe_server.url
    settings.SANDBOX = frozenset({"stripe"})
    # Heartbeats have connections of their own, which do not see the transaction around a test.
    settings.JOB_HEARTBEAT = timedelta(minutes=5)
    till = Till(stripe_server)
    till.reset()
    put_on_sale()
    return till
