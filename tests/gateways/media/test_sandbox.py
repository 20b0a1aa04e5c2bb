"""The walls that the kernel holds: what a process behind them can no longer do, which are in force, who says so."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from kapture.gateways.media import forking, holding, javascript, landlock, sandbox
from kapture.gateways.media.engine import fetch as engine_fetch
from kapture.gateways.media.environment import environment
from kapture.gateways.media.proxy.server import Proxy
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.sandbox import Sandbox
from kapture.gateways.media.supervise import Child
from kapture.gateways.media.types import FetchRequest
from kapture.gateways.media.walls import Walls, read_walls
from tests.api.answers import accepted
from tests.gateways.media.conftest import PROJECT, Fetch
from tests.gateways.media.site import Site
from tests.gateways.media.test_walls import working_in

NETWORK = Sandbox(network=True, files=True)
# Raises the walls of its first argument, then prints what one line comes to.
BEHIND = """
import ctypes, os, pathlib, signal, socket, sys
from kapture.gateways.media import walled
from kapture.gateways.media.walls import Walls
walled.enter(eval(sys.argv[1]))
try:
    print(eval(sys.argv[2]))
except BaseException as error:
    print(type(error).__name__)
"""
KERNEL = "Walls(network=True, files=True)"
FILES = "Walls(files=True, password='x', port=9)"
# An interpreter that every user of the machine can start.
PYTHON = Path("/usr/bin/python3")
NOBODY = 65534


def behind(walls: str, line: str, folder: Path, python: Path = Path(sys.executable), user: int | None = None) -> str:
    """What a line says in a process behind walls, in a folder of its own."""
    if ("network" in walls and not sandbox.found().network) or ("files" in walls and not sandbox.found().files):
        pytest.skip(f"this machine cannot make {walls}")
    done = subprocess.run(
        [str(python), "-c", BEHIND, walls, line],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(PROJECT)},
        user=user,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[name for _, name in socket.if_nameindex() if name != 'lo']", "[]"),
        ("socket.create_connection(('127.0.0.1', {port}), 2)", "PermissionError"),
        ("socket.socket(type=socket.SOCK_DGRAM).connect(('93.184.216.34', 53))", "OSError"),
        ("socket.getaddrinfo('example.com', 80)", "gaierror"),
        ("socket.socket(socket.AF_UNIX).connect('\\0{name}')", "PermissionError|ConnectionRefusedError"),
        ("pathlib.Path('{secret}').read_text()", "PermissionError"),
        ("pathlib.Path('{sibling}/x').write_text('x')", "PermissionError"),
        ("os.listdir('{sibling}')", "PermissionError"),
        ("os.unlink('{secret}')", "PermissionError"),
        ("os.rename('{sibling}', 'mine')", "PermissionError|OSError"),
        ("os.mkdir('{sibling}2')", "PermissionError"),
        ("pathlib.Path('/etc/passwd').read_text()", "PermissionError"),
        ("pathlib.Path('/proc/{parent}/environ').read_bytes()", "PermissionError"),
        ("os.kill({parent}, 0)", "PermissionError"),
        ("os.listdir('{project}')", "PermissionError"),
        ("pathlib.Path('own').write_text('x')", "1"),
        ("os.mkfifo('pipe')", "PermissionError"),
        ("ctypes.CDLL(None).unshare(0x40000000)", "-1"),
        ("[line for line in open('/proc/self/status') if line.startswith('CapEff')]", "PermissionError"),
        ("os.path.exists('{python}') and bool(os.listdir('{stdlib}'))", "True"),
    ],
)
def test_behind_the_kernels_walls(line: str, said: str, tmp_path: Path, site: Site) -> None:
    own, sibling = tmp_path / "own", tmp_path / "sibling"
    own.mkdir()
    sibling.mkdir()
    (sibling / "secret").write_text("of another")
    filled = {
        "port": str(site.server.server_port),
        "name": f"kapture-{os.getpid()}",
        "secret": str(sibling / "secret"),
        "sibling": str(sibling),
        "parent": str(os.getpid()),
        "project": str(PROJECT),
        "python": sys.executable,
        "stdlib": str(Path(os.__file__).parent),
    }
    for name, value in filled.items():
        line = line.replace(f"{{{name}}}", value)
    with socket.socket(socket.AF_UNIX) as outside:
        outside.bind(f"\0kapture-{os.getpid()}")
        outside.listen()
        assert behind(KERNEL, line, own) in said.split("|")
    assert site.hits == []


def test_without_a_namespace_the_kernel_still_keeps_to_the_proxys_port(tmp_path: Path, site: Site) -> None:
    if landlock.version() < landlock.PORTS_SINCE:
        pytest.skip("this kernel cannot keep ports")
    line = f"socket.create_connection(('127.0.0.1', {site.server.server_port}), 2)"
    assert behind(FILES, line, tmp_path) == "PermissionError"
    assert behind(FILES, "socket.create_connection(('127.0.0.1', 9), 2)", tmp_path) == "ConnectionRefusedError"
    assert behind(FILES, "socket.socket().bind(('127.0.0.1', 0))", tmp_path) == "PermissionError"
    assert behind(FILES, "os.environ['http_proxy']", tmp_path) == "http://fetch:x@127.0.0.1:9"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can get to, as an instance's scratch is."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_user_of_its_own_holds_nothing_and_reads_nothing_of_ours(open_folder: Path) -> None:
    skip_unless_others_could_work()
    (open_folder / "ours").write_text("x")
    (open_folder / "ours").chmod(0o600)
    own = open_folder / "own"
    own.mkdir()
    (own / "source").write_text("x")
    (own / "link").symlink_to(open_folder / "ours")
    user = sandbox.FIRST_USER + 7
    sandbox.hand_over(own, user)
    assert [one.lstat().st_uid for one in (own, own / "source", own / "link", open_folder / "ours")] == [user] * 3 + [0]
    walls = f"Walls(user={user})"
    assert behind(walls, "__import__('resource').getrlimit(6)", own, PYTHON) == "(256, 256)"
    told = behind(walls, "(os.getresuid(), os.getresgid(), os.getgroups())", own, PYTHON)
    assert told == f"(({user}, {user}, {user}), ({user}, {user}, {user}), [])"
    assert behind(walls, "pathlib.Path('../ours').read_text()", own, PYTHON) == "PermissionError"
    assert behind(walls, "pathlib.Path('source').read_text()", own, PYTHON) == "x"
    assert behind(walls, f"os.kill({os.getpid()}, 0)", own, PYTHON) == "PermissionError"
    assert behind(walls, "os.setuid(0)", own, PYTHON) == "PermissionError"


def test_a_user_without_rights_gets_a_network_of_its_own_too(open_folder: Path) -> None:
    skip_unless_others_could_work()
    os.chown(open_folder, NOBODY, NOBODY)
    interfaces = "[name for _, name in socket.if_nameindex() if name != 'lo']"
    assert behind(KERNEL, interfaces, open_folder, PYTHON, NOBODY) == "[]"
    assert behind(KERNEL, "os.getuid()", open_folder, PYTHON, NOBODY) == str(NOBODY)
    assert behind(KERNEL, "ctypes.CDLL(None).unshare(0x40000000)", open_folder, PYTHON, NOBODY) == "-1"
    assert behind(KERNEL, "pathlib.Path('/etc/passwd').read_text()", open_folder, PYTHON, NOBODY) == "PermissionError"


def skip_unless_others_could_work() -> None:
    """Skip where no other user can be taken, or none could reach an interpreter and the project."""
    if os.geteuid() != 0 or not PYTHON.exists() or not sandbox.is_reachable(PROJECT / "kapture"):
        pytest.skip("needs root, and an interpreter and a project that others can read")


def test_a_user_is_only_given_where_it_could_get_to_work(open_folder: Path, tmp_path: Path) -> None:
    own = Sandbox(user=True)
    assert sandbox.is_reachable(open_folder)
    assert sandbox.user_for(own, open_folder, 7) == sandbox.FIRST_USER + 7
    (open_folder / "closed" / "scratch").mkdir(parents=True)
    (open_folder / "closed").chmod(0o700)
    assert sandbox.user_for(own, open_folder / "closed" / "scratch", 7) is None
    assert sandbox.user_for(Sandbox(), open_folder, 7) is None


def test_a_fetch_works_behind_whatever_holds_here(site: Site, media: Path, fetch: Fetch, scratch: Path) -> None:
    """The other tests fetch behind these walls too; this one sees that they stand."""
    site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    namespaces: set[str] = set()

    def look() -> bool:
        for process in working_in(scratch):
            namespaces.add(str(Path(f"/proc/{process}/ns/net").readlink()))
        return False

    assert fetch(site.url("/clip.mp4"), stopped=look).facts.container == "mp4"
    assert bool(namespaces - {str(Path("/proc/self/ns/net").readlink())}) == sandbox.found().network


@pytest.mark.parametrize("held", [Sandbox(), NETWORK])
def test_nothing_is_left_of_a_process_and_its_way_out(held: Sandbox, scratch: Path) -> None:
    if held.network and not sandbox.found().network:
        pytest.skip("this machine makes no namespaces")
    forking.server()
    before = {one.name for one in Path("/proc/self/fd").iterdir()}
    proxy = Proxy()
    with Child(b"{}\n", scratch, proxy=proxy, sandbox=held) as child:
        assert list(child.lines(0.2))[-1:] in ([], [None])
        assert "KeyError" in child.log_tail()
    assert working_in(scratch) == []
    assert {one.name for one in Path("/proc/self/fd").iterdir()} == before


def test_the_walls_travel_as_one_line() -> None:
    walls = Walls(network=True, user=5, files=True, password="x", control=4, port=3)
    assert read_walls(walls.line()) == walls
    assert walls.line().count(b"\n") == 1


@pytest.fixture
def fresh() -> Iterator[None]:
    """The trial is made anew, and not remembered."""
    sandbox._strongest.cache_clear()
    yield
    sandbox._strongest.cache_clear()


def test_what_cannot_be_raised_is_not_claimed(
    fresh: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, client: Client, db: None, scratch: Path
) -> None:
    tried = []

    def refuse(level: Sandbox) -> Sandbox | None:
        tried.append(level)
        return None

    monkeypatch.setattr(sandbox, "_tried", refuse)
    assert sandbox.in_force() == Sandbox()
    assert Sandbox(files=True) in tried
    assert holding.walls()[0] == "ok"
    assert "Proxy only" in holding.walls()[1]
    settings.DOWNLOAD_SANDBOX = "require"
    assert accepted(client.get("/api/health"))["checks"]["egress"]["status"] == "down"
    with pytest.raises(FetchFailed) as failed:
        engine_fetch(FetchRequest("http://public.test/"), scratch=scratch, on_progress=print, stopped=lambda: False)
    assert failed.value.reason == Reason.NO_SANDBOX
    assert list(scratch.iterdir()) == []


def test_a_trial_that_goes_wrong_counts_as_none(
    fresh: None, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(sandbox, "TRIAL", "kapture.gateways.media.nothing")
    assert sandbox._tried(Sandbox()) is None
    monkeypatch.setattr(sandbox, "TRIAL_SECONDS", 0.01)
    assert sandbox._tried(Sandbox()) is None
    settings.DOWNLOAD_SANDBOX = "off"
    monkeypatch.setattr(sandbox, "found", lambda: replace(NETWORK, user=True, javascript="deno 2"))
    assert sandbox.in_force() == Sandbox()
    assert "switched off" in holding.walls()[1]
    settings.DOWNLOAD_SANDBOX = "require"
    assert sandbox.in_force().network
    assert holding.walls()[1] == "Sandbox: no network but a vetting proxy, a user of its own, its own files only."


def test_the_health_page_says_which_walls_stand_and_whether_youtube_can_be_read(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    checks = accepted(client.get("/api/health"))["checks"]
    expected = "Sandbox: " if sandbox.found().network else "Proxy only: "
    assert checks["egress"]["detail"].startswith(expected)
    assert checks["proxies"] == {"status": "ok", "detail": "Direct: YTDLP_PROXIES names none."}
    assert checks["javascript"]["status"] == "ok"
    assert checks["javascript"]["detail"].startswith("deno ")
    monkeypatch.setattr(javascript.sys, "executable", str(tmp_path / "python"))
    assert accepted(client.get("/api/health"))["checks"]["javascript"]["status"] == "down"


def test_the_runtime_of_youtube_and_ffmpeg_start_behind_the_walls() -> None:
    level = NETWORK if sandbox.found().network else Sandbox()
    held = sandbox._tried(level)
    assert held is not None
    assert held.javascript.startswith("deno ")


# Everything that stands around a fetch at once, and then JavaScript as yt-dlp starts it.
JAVASCRIPT = """
import subprocess, sys
from pathlib import Path
from kapture.gateways.media import guard, walled
from kapture.gateways.media.javascript import runtime
from kapture.gateways.media.types import Limits
from kapture.gateways.media.walls import Walls, way_out
walled.enter(Walls(network={network}, files={files}, password="x", port=9, control={control}))
guard.limit_resources(Limits())
guard.watch_sockets(way_out(), frozenset({{str(runtime())}}))
flags = "--ext=js --no-code-cache --no-prompt --no-remote --no-lock --node-modules-dir=none --no-config --no-npm"
code = "console.log([1, 2, 3].map((n) => n * 7).join('-'));"
code += "try {{ Deno.readTextFileSync('/etc/passwd') }} catch (error) {{ console.log(error.name) }}"
done = subprocess.run([str(runtime()), "run", *flags.split(), "-"], input=code, capture_output=True, text=True)
print(done.stdout, done.stderr[-500:])
"""


def test_javascript_runs_behind_all_walls_at_once(tmp_path: Path) -> None:
    held = sandbox.found()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        script = JAVASCRIPT.format(network=held.network, files=held.files, control=theirs.fileno())
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            env=environment(tmp_path),
            pass_fds=(theirs.fileno(),),
            check=False,
        )
    assert done.stdout.split() == ["7-14-21", "NotCapable"], done.stdout + done.stderr
