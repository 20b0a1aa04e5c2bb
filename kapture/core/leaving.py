"""Whether the worker of this process was told to end, as by each deployment: a mark that all of its processes see."""

import mmap
from typing import Final

# Anonymous and shared: what one process writes, all that were divided from the same one read; without any lock, so that
# a signal handler may write it.
_mark: Final = mmap.mmap(-1, 1)


def leave() -> None:
    """Let every job that is being done here go back to the queue."""
    _mark[0] = 1


def is_leaving() -> bool:
    """Whether jobs are to go back."""
    return bool(_mark[0])
