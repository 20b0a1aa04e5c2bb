"""The register of demo content: each room adds a function that lets the demo user do something real."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

# With stand-ins for both, nothing the demo does costs money or shows real people.
DATA_VENDORS = frozenset({"apify", "openai"})

seeds: list[Callable[[Any], None]] = []
# What is done at every start of a local instance whose vendors are stand-ins, also in homes of older releases.
every_start: list[Callable[[], None]] = []


def shows_samples() -> bool:
    """Whether this instance shows sample data, so that anybody may look at the demo user's work."""
    return settings.SANDBOX >= DATA_VENDORS
