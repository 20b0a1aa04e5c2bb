"""The register of demo content: each room adds a function that lets the demo user do something real."""

from collections.abc import Callable
from typing import Any

seeds: list[Callable[[Any], None]] = []
