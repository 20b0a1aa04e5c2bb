"""The walls around the process that fetches: which addresses, programs and amounts it can reach at all.

The audit hook sees every connection after name resolution, so it holds for redirects, playlists, segments, keys and
names that change their address between two looks. A hook can never be taken off again: it belongs in a process that
does nothing else.
"""

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from kapture.gateways.egress import PORTS, is_public
from kapture.gateways.media.types import Limits

_running: Final[list[subprocess.Popen[bytes]]] = []


class RefusedAddress(BaseException):
    """The process tried to reach an address it must not reach.

    Not an `Exception`, so that no retry and no fall-back inside a vendor's code can swallow it.
    """


def allowed_pairs(entries: Collection[str]) -> frozenset[tuple[str, int]]:
    """The numeric addresses and ports behind the `host:port` entries of the allow-list."""
    pairs: set[tuple[str, int]] = set()
    for entry in entries:
        host, _, port = entry.rpartition(":")
        for found in socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM):
            pairs.add((str(found[4][0]), int(port)))
    return frozenset(pairs)


def watch_sockets(allow: frozenset[tuple[str, int]], programs: frozenset[str]) -> None:
    """From here on refuse connections to non-public addresses or odd ports, datagrams, and all but these programs."""
    sys.addaudithook(lambda event, args: check_event(event, args, allow, programs))


def check_event(event: str, args: tuple[Any, ...], allow: frozenset[tuple[str, int]], programs: frozenset[str]) -> None:
    """Raise when an audit event (PEP 578) is one that this process must not cause."""
    if event == "socket.connect":
        check_connection(args[1], allow)
    elif event in ("socket.bind", "socket.sendto", "socket.sendmsg"):
        raise RefusedAddress(event)
    elif event == "subprocess.Popen" and str(args[0]) not in programs:
        # As if it were not installed, which is what callers that try several programs expect.
        raise FileNotFoundError(str(args[0]))
    elif event in ("os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn"):
        raise PermissionError(event)


def check_connection(address: object, allow: frozenset[tuple[str, int]]) -> None:
    """Raise `RefusedAddress` unless an address given to `connect` is public on port 80 or 443, or allowed exactly."""
    if not isinstance(address, tuple) or len(address) < 2:
        raise RefusedAddress(repr(address))
    host, port = address[0], address[1]
    if (host, port) in allow:
        return
    # A name here would be resolved after this look, so only literals pass (`is_public` is False for a name).
    if not isinstance(host, str) or port not in PORTS.values() or not is_public(host):
        raise RefusedAddress(f"{host}:{port}")


def limit_resources(limits: Limits) -> None:
    """Set the kernel's limits for this process and its children: bytes of one file, memory, CPU seconds, open files.

    Data and not address space is limited: the JavaScript runtime that YouTube needs reserves far more than it uses.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, limits.max_bytes + (1 << 20))
    _lower(resource.RLIMIT_NOFILE, 256)
    _lower(resource.RLIMIT_CPU, int(limits.max_seconds * 2) + 1)
    _lower(resource.RLIMIT_DATA, limits.memory_bytes)
    # A file that grows past its limit must end in an error that is named, not in a silent death.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _lower(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value, value) if hard == resource.RLIM_INFINITY else (min(value, hard), min(value, hard)))


def die_with_parent(pipe: int, scratch: Path) -> None:
    """Watch a pipe that only the parent holds open: when it closes, delete the scratch folder and end the group."""

    def watch() -> None:
        while os.read(pipe, 1):
            pass
        for process in tuple(_running):
            process.kill()
        shutil.rmtree(scratch, ignore_errors=True)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def note_program(process: subprocess.Popen[bytes]) -> None:
    """Note a program started from here, so that it is ended before the scratch folder goes."""
    _running.append(process)
