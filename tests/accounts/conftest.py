"""The instance of Clerk people come from."""

import pytest
from pytest_django import Settings

from tests.gateways.identity.instance import Clerk, switch_on


@pytest.fixture
def clerk(plans: None, settings: Settings) -> Clerk:
    """Clerk switched on, with a fresh instance behind it."""
    return switch_on(settings)
