"""The walls around the process that fetches: which addresses, programs and amounts it can reach at all.

The audit hook lets connections through to the one proxy that vets them (`proxy`), and names are not looked up here at
all, so it holds for redirects, playlists, segments and keys alike. A hook can never be taken off again: it belongs in a
process that does nothing else. Where the machine allows, the kernel holds the same walls around it (`walled`).
"""

import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kapture.gateways.media.types import Limits

# What the process itself may take, before it starts a program: pages, playlists and pictures fit in.
OWN_MEMORY: Final = 480 << 20
# Whoever still writes may be quicker than a deletion, but not than so many.
DELETIONS: Final = 100
# Seconds that a process which broke off waits for the end of its parent, whose pipes close one after the other.
FAREWELL: Final = 1.0

_running: Final[list[subprocess.Popen[bytes]]] = []


class RefusedAddress(BaseException):
    """The process tried to reach an address it must not reach.

    Not an `Exception`, so that no retry and no fall-back inside a vendor's code can swallow it.
    """


def watch_sockets(allow: frozenset[tuple[str, int]], programs: frozenset[str]) -> None:
    """From here on refuse connections but to these numeric addresses, names, datagrams, and all but these programs."""
    sys.addaudithook(lambda event, args: check_event(event, args, allow, programs))


def check_event(event: str, args: tuple[Any, ...], allow: frozenset[tuple[str, int]], programs: frozenset[str]) -> None:
    """Raise when an audit event (PEP 578) is one that this process must not cause."""
    if event == "socket.connect":
        check_connection(args[1], allow)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"):
        check_name(args[0], allow)
    elif event in ("socket.bind", "socket.sendto", "socket.sendmsg"):
        raise RefusedAddress(event)
    elif event == "subprocess.Popen":
        check_program(str(args[0]), programs)
    elif event in ("os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn"):
        raise PermissionError(event)


def check_connection(address: object, allow: frozenset[tuple[str, int]]) -> None:
    """Raise `RefusedAddress` unless an address given to `connect` is one of those allowed, as a number and a port."""
    if not isinstance(address, tuple) or address[:2] not in allow:
        raise RefusedAddress(repr(address)[:200])


def check_name(name: object, allow: frozenset[tuple[str, int]]) -> None:
    """Raise `RefusedAddress` for every name but the numbers of allowed addresses: looking one up asks strangers."""
    if name not in {host for host, _ in allow}:
        raise RefusedAddress(f"name {str(name)[:200]}")


def check_program(program: str, programs: frozenset[str]) -> None:
    """Raise for other programs as if they were not installed, which is what callers that try several expect."""
    if program not in programs:
        raise FileNotFoundError(program)
    # Programs need more memory than this process, which reads what strangers send; there is no way back down.
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def limit_resources(limits: Limits) -> None:
    """Set the kernel's limits for this process and its children: bytes of one file, memory, CPU seconds, open files.

    Data and not address space is limited: the JavaScript runtime that YouTube needs reserves far more than it uses.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, limits.max_bytes + (1 << 20))
    _lower(resource.RLIMIT_NOFILE, 256)
    _lower(resource.RLIMIT_CPU, int(limits.max_seconds * 2) + 1)
    _lower(resource.RLIMIT_DATA, limits.memory_bytes)
    soft = min(OWN_MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[0])
    resource.setrlimit(resource.RLIMIT_DATA, (soft, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    # A file that grows past its limit must end in an error that is named, not in a silent death.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _lower(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value, value) if hard == resource.RLIM_INFINITY else (min(value, hard), min(value, hard)))


@contextmanager
def dying_with_parent(pipe: int, scratch: Path) -> Iterator[None]:
    """Watch a pipe that only the parent holds open: when it closes, delete the scratch folder and end the group."""

    def watch() -> None:
        while os.read(pipe, 1):
            pass
        for process in tuple(_running):
            process.kill()
        for _ in range(DELETIONS):
            shutil.rmtree(scratch, ignore_errors=True)
            if not scratch.exists():
                break
        os.killpg(os.getpgrp(), signal.SIGKILL)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    farewell = FAREWELL
    try:
        yield
        farewell = 0.0
    finally:
        # It may be for the parent's death that the work broke off, and its end must not come before the deletion's,
        # which takes a process that stepped back behind all others as long as those let it.
        if select.select([pipe], [], [], farewell)[0]:
            watcher.join()


def note_program(process: subprocess.Popen[bytes]) -> None:
    """Note a program started from here, so that it is ended before the scratch folder goes."""
    _running.append(process)
