"""Finding the processes that fork servers made."""

import contextlib
from collections.abc import Iterator

import psutil

from kapture.gateways.media.forking import SERVER


def at_work(root: psutil.Process | None = None) -> list[psutil.Process]:
    """The processes that fetch or search on behalf of a process, by default of this one."""
    return [one for server in _servers(root or psutil.Process()) for one in server.children()]


def _servers(root: psutil.Process) -> Iterator[psutil.Process]:
    for one in root.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            parent = one.parent()
            if SERVER in one.cmdline() and parent is not None and SERVER not in parent.cmdline():
                yield one
