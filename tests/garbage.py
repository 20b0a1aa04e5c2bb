"""Pytest plugin: look for garbage rarely, because looking through a whole loaded product takes a tenth of a run."""

import gc

import pytest

# Nothing is thrown away while modules are loaded and tests are found.
gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Set aside what will stay to the end, and look through the rest seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
