"""Pytest plugin: how much of everything is shown.

The daily run shows each rule for some: a few persons at each address, a few recorded files, a few generated examples.
With `THOROUGH=1` in the environment, as in `make thorough`, `make cover` and before anything lands, it is shown for
all, and tests run that are marked `thorough`: those that repeat a rule in every combination, or wait for clocks.
"""

import os
from collections.abc import Sequence
from typing import Final, TypeVar

import pytest

Case = TypeVar("Case")
THOROUGH: Final = {"": False, "0": False, "1": True}[os.environ.get("THOROUGH", "")]


def some(cases: Sequence[Case], every: int = 4) -> Sequence[Case]:
    """One of so many cases, the first among them, and all of them in a thorough run."""
    return cases if THOROUGH else cases[::every]


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark."""
    config.addinivalue_line("markers", "thorough: runs only with THOROUGH=1")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for thorough runs."""
    if THOROUGH:
        return
    left = [item for item in items if item.get_closest_marker("thorough")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]
