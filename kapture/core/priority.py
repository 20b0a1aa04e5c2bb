"""Who comes first when processors are scarce: whoever waits for a page."""

import contextlib
import os
from pathlib import Path
from typing import Final

BEHIND_PAGES: Final = 5


def step_back(niceness: int) -> None:
    """Let others go first from here on, this process and what it starts; higher steps further back (nice(2))."""
    os.nice(niceness)
    # Where sessions are scheduled as groups, it is the group that counts (sched(7), the autogroup feature).
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))
