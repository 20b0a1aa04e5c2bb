"""A gateway, and the Stripe stand-in it speaks to."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from kapture.core.ids import new_id
from kapture.gateways.payments import Payments, payments
from kapture.gateways.payments.transport import Timeouts
from kapture.sandbox.server import Server
from kapture.sandbox.stripe import StripeStandIn
from kapture.sandbox.stripe.control import StripeControl

KEY = "sk_test_gateway"


@pytest.fixture(autouse=True)
def own_breaker(settings: Settings) -> None:
    """Failures asked for by one test must not rest the vendor for the next."""
    settings.REDIS_PREFIX = f"test-{new_id().hex}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One stand-in for all tests of a module."""
    with Server(StripeStandIn()) as running:
        yield running


@pytest.fixture
def stripe(server: Server, settings: Settings) -> StripeControl:
    """The controls of a fresh account, which the settings name."""
    settings.STRIPE_API_BASE = server.url
    settings.STRIPE_SECRET_KEY = KEY
    control = StripeControl(server.url)
    control.reset()
    return control


@pytest.fixture
def gateway(stripe: StripeControl) -> Payments:
    """The gateway as the product has it."""
    return payments()


@pytest.fixture
def hasty(stripe: StripeControl) -> Payments:
    """A gateway that gives each call too little time for a second try."""
    return Payments(KEY, stripe.url, Timeouts(connect=0.4, read=0.4, call=0.45))
