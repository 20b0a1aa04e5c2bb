"""The register of demo content: each room adds a function that lets the demo user do something real."""

from collections.abc import Callable
from typing import Any

seeds: list[Callable[[Any], None]] = []
# What is done at every start of a local instance whose vendors are stand-ins, also in homes of older releases.
every_start: list[Callable[[], None]] = []
