"""The fault programme runs alone: it owns its Redis and its processes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.system import System, wipe_redis
from tests.faults.work import wiring  # noqa: F401  # the kind must be known to this process too
from tests.keyfree import reddit, youtube  # noqa: F401  # fixtures


@pytest.fixture
def system(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[System]:
    """A system with nothing started yet."""
    tmp_path.chmod(0o755)
    wipe_redis()
    running = System(tmp_path)
    yield running
    running.stop()
