"""Raises the walls, then does the work: `python -m kapture.gateways.media.walled MODULE`.

Reads the first line of standard input (`walls.Walls`), gives up network, rights and files for good while this process
still has one thread and has loaded nothing of what it guards against, and hands over to the `main` of the module. A
wall that cannot be raised ends the process: whoever starts it found out before which of them can.
"""

import importlib
import os
import resource
import socket
import sys
import sysconfig
from pathlib import Path
from typing import Final

import kapture
from kapture.core.priority import step_back
from kapture.gateways.media import landlock, namespaces
from kapture.gateways.media.walls import PROXY_NAMES, USER, Walls, read_walls

# Threads and processes of one fetch, where it has a user of its own to count them by.
MOST_TASKS: Final = 256
BACKLOG: Final = 64
CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
SYSTEM: Final = (
    *("/usr", "/lib", "/lib64", "/bin", "/sys/devices/system/cpu", "/dev/zero", "/dev/urandom", "/dev/random"),
    *("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/ld.so.cache", "/etc/mime.types", "/etc/localtime"),
)


def main() -> int:
    """Serve the one request of standard input behind walls; the module's own answer."""
    enter(read_walls(sys.stdin.buffer.readline()))
    return int(importlib.import_module(sys.argv[1]).main())


def enter(walls: Walls) -> None:
    """Raise these walls around this process; raises OSError."""
    step_back(walls.niceness)
    if walls.network:
        namespaces.own_network()
    port = _way_out(walls) if walls.password else 0
    if walls.control >= 0:
        os.close(walls.control)
    if walls.user is not None:
        resource.setrlimit(resource.RLIMIT_NPROC, (MOST_TASKS, MOST_TASKS))
        namespaces.become(walls.user)
    if walls.network or walls.files:
        namespaces.give_up_rights()
    if walls.files:
        here = Path.cwd()
        # A process whose parent died takes its folder with it.
        landlock.confine(reading=_readable(), writing=[here, Path("/dev/null")], emptying=here.parent, port=port)


def _way_out(walls: Walls) -> int:
    """The port of the proxy, for everything that is started here to use."""
    port = _hand_out(walls.control) if walls.network else walls.port
    for name in ("no_proxy", "NO_PROXY"):
        os.environ.pop(name, None)
    for name in PROXY_NAMES:
        os.environ[name] = f"http://{USER}:{walls.password}@127.0.0.1:{port}"
    return port


def _hand_out(control: int) -> int:
    """Listen in our own network and give the socket to the one process outside that answers there."""
    with (
        socket.socket(fileno=os.dup(control)) as outside,
        socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener,
    ):
        socket.send_fds(outside, [b"."], [listener.fileno()])
        return int(listener.getsockname()[1])


def _readable() -> list[Path]:
    """What the work reads: the interpreter, its packages, our own code and the system's libraries and certificates."""
    own = {sys.prefix, sys.base_prefix, sys.exec_prefix, sysconfig.get_path("stdlib"), *kapture.__path__}
    # Packages that lie elsewhere are found through the search path; the project's own folder is on it, too, and holds
    # what an instance writes.
    project = str(Path(kapture.__path__[0]).parent)
    found = {entry for entry in sys.path if entry and entry != project}
    certificates = {os.environ[name] for name in CERTIFICATES if name in os.environ}
    return [Path(path) for path in (*sorted(own | found | certificates), *SYSTEM)]


if __name__ == "__main__":
    sys.exit(main())
