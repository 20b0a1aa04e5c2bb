"""The walls themselves: which events are refused, and what a process behind them can no longer do."""

import errno
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kapture.gateways.media.guard import RefusedAddress, check_connection, check_event
from tests.gateways.media.conftest import PROJECT

OPEN = frozenset({("127.0.0.1", 8123)})
PROGRAMS = frozenset({"/usr/bin/ffmpeg"})
# Runs behind the walls, and prints the name of what the one line raises.
BEHIND = """
import os, resource, signal, socket, subprocess, sys, tempfile
from kapture.gateways.media import guard
from kapture.gateways.media.types import Limits
guard.limit_resources(Limits(max_bytes=1 << 20, max_seconds=60.0))
guard.watch_sockets(frozenset(), frozenset({sys.executable}))
try:
    print(eval(sys.argv[1]))
except BaseException as error:
    print(type(error).__name__, getattr(error, "errno", None))
"""


@pytest.mark.parametrize(
    ("event", "args", "refusal"),
    [
        ("socket.connect", (None, ("127.0.0.1", 8124)), RefusedAddress),
        ("socket.connect", (None, ("93.184.216.34", 443)), RefusedAddress),
        ("socket.getaddrinfo", ("example.com", 443, 0, 0, 0), RefusedAddress),
        ("socket.gethostbyname", ("example.com",), RefusedAddress),
        ("socket.gethostbyaddr", ("93.184.216.34",), RefusedAddress),
        ("socket.getnameinfo", (("93.184.216.34", 80),), RefusedAddress),
        ("socket.bind", (None, ("0.0.0.0", 80)), RefusedAddress),
        ("socket.sendto", (None, ("93.184.216.34", 53)), RefusedAddress),
        ("socket.sendmsg", (None, ("93.184.216.34", 53)), RefusedAddress),
        ("subprocess.Popen", ("/bin/sh", ["sh"], None, None), FileNotFoundError),
        ("os.system", (b"id",), PermissionError),
        ("os.exec", ("/bin/sh", [], None), PermissionError),
        ("os.posix_spawn", ("/bin/sh", [], None), PermissionError),
        ("os.fork", (), PermissionError),
        ("pty.spawn", ([],), PermissionError),
    ],
)
def test_what_leads_out_is_refused(event: str, args: tuple[object, ...], refusal: type[BaseException]) -> None:
    with pytest.raises(refusal):
        check_event(event, args, OPEN, PROGRAMS)


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("socket.connect", (None, ("127.0.0.1", 8123))),
        ("socket.getaddrinfo", ("127.0.0.1", 8123, 0, 0, 0)),
        ("subprocess.Popen", ("/usr/bin/ffmpeg", ["ffmpeg"], None, None)),
        ("open", ("part-0", "wb", 0)),
    ],
)
def test_what_the_work_needs_passes(event: str, args: tuple[object, ...]) -> None:
    check_event(event, args, OPEN, PROGRAMS)


@pytest.mark.parametrize(
    "address",
    [
        ("127.0.0.1", 80),
        ("127.0.0.1", 8124),
        ("127.0.0.2", 8123),
        ("10.0.0.5", 443),
        ("93.184.216.34", 80),
        ("::1", 8123, 0, 0),
        ("::ffff:127.0.0.1", 8123, 0, 0),
        ("localhost", 8123),
        ("", 8123),
        "/run/socket",
        b"\x00abstract",
        None,
    ],
)
def test_a_connection_to_anything_but_the_proxy_is_refused(address: object) -> None:
    with pytest.raises(RefusedAddress):
        check_connection(address, OPEN)


@pytest.fixture(autouse=True)
def own_memory() -> Iterator[None]:
    """The tests' own process keeps its memory limit, which starting a program raises."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    yield
    assert resource.getrlimit(resource.RLIMIT_DATA)[1] == before[1]
    resource.setrlimit(resource.RLIMIT_DATA, before)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("socket.create_connection(('127.0.0.1', 9))", "RefusedAddress None"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))", "RefusedAddress None"),
        ("socket.socket().bind(('127.0.0.1', 0))", "RefusedAddress None"),
        ("subprocess.run(['/bin/true'])", "FileNotFoundError None"),
        ("subprocess.run([sys.executable, '-c', '']).returncode", "0"),
        ("os.system('true')", "PermissionError None"),
        ("os.fork()", "PermissionError None"),
        ("open(os.devnull).close()", "None"),
        ("tempfile.TemporaryFile().write(bytes(3 << 20))", f"OSError {errno.EFBIG}"),
        ("len([os.dup(0) for _ in range(300)])", f"OSError {errno.EMFILE}"),
        ("len(bytearray(600 << 20))", "MemoryError None"),
        ("subprocess.run([sys.executable, '-c', 'len(bytearray(600 << 20))']).returncode", "0"),
        ("subprocess.run([sys.executable, '-c', 'len(bytearray(3 << 30))'], stderr=-3).returncode", "1"),
        ("socket.getaddrinfo('example.com', 80)", "RefusedAddress None"),
        ("resource.getrlimit(resource.RLIMIT_CORE)", "(0, 0)"),
        ("resource.getrlimit(resource.RLIMIT_CPU)[0]", "121"),
    ],
)
def test_a_process_behind_the_walls_stays_there(line: str, said: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", BEHIND, line]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == said
