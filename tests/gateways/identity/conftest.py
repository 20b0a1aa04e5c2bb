"""The instance of Clerk the gateway speaks to."""

import pytest
from pytest_django import Settings

from tests.gateways.identity.instance import Clerk, switch_on


@pytest.fixture
def clerk(settings: Settings) -> Clerk:
    """A fresh instance, and settings that lead to it."""
    return switch_on(settings)
