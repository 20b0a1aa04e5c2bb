"""Processes from the fork server: as clean as new ones, told apart, and never without an end that is known."""

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from kapture.gateways.media import forking
from kapture.gateways.media.environment import environment
from kapture.gateways.media.forking import Forked
from kapture.gateways.media.walls import Walls

WORK = "tests.gateways.media.telling_work"


@pytest.fixture
def control() -> Iterator[socket.socket]:
    """A socket that a process may have."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield theirs


def start(folder: Path, control: socket.socket, module: str = WORK) -> Forked:
    """A process that has been told that it has no walls."""
    with (folder / "log").open("wb") as log:
        process = Forked(module, folder, log.fileno(), control.fileno())
    process.stdin.write(Walls(control=forking.CONTROL).line())
    return process


def ended(process: Forked, code: bytes = b"0\n") -> int | None:
    """Its exit code, asked for."""
    process.stdin.write(code)
    answer = process.wait()
    process.stdin.close()
    process.stdout.close()
    return answer


def told(process: Forked) -> dict[str, Any]:
    """What it tells of itself."""
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def test_it_is_as_clean_as_a_new_one(tmp_path: Path, control: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "planted")
    process = start(tmp_path, control)
    seen = told(process)
    assert seen["environment"] == environment(tmp_path)
    assert seen["folder"] == str(tmp_path)
    assert seen["group"], "it leads no group of its own"
    assert seen["descriptors"] == [0, 1, 2]
    assert (seen["loaded"], seen["threads"]) == (True, 1)
    assert ended(process) == 0


def test_the_exit_code_is_told_and_the_number_kept_until_then(tmp_path: Path, control: socket.socket) -> None:
    process = start(tmp_path, control)
    told(process)
    assert ended(process, b"7\n") == 7
    assert process.wait() == 7
    assert not psutil.pid_exists(process.pid)


def test_a_kill_of_its_group_ends_it(tmp_path: Path, control: socket.socket) -> None:
    process = start(tmp_path, control)
    told(process)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdin.close()
    process.stdout.close()


def test_what_breaks_is_told_in_its_log_and_harms_nobody_else(tmp_path: Path, control: socket.socket) -> None:
    broken = start(tmp_path, control, "tests.gateways.media.no_such_work")
    assert broken.wait() == 1
    assert "ModuleNotFoundError" in (tmp_path / "log").read_text()
    broken.stdin.close()
    broken.stdout.close()
    fine = start(tmp_path, control)
    told(fine)
    assert ended(fine) == 0


def test_several_at_once_are_told_apart(tmp_path: Path) -> None:
    codes: dict[int, int | None] = {}

    def work(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            process = start(folder, theirs)
        assert told(process)["folder"] == str(folder)
        codes[number] = ended(process, f"{number}\n".encode())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == {number: number for number in range(8)}


def test_a_server_that_was_killed_is_replaced(tmp_path: Path, control: socket.socket) -> None:
    first = start(tmp_path, control)
    told(first)
    before = forking.server()
    before.process.kill()
    before.process.wait()
    second = start(tmp_path, control)
    assert told(second)["loaded"]
    assert forking.server() is not before
    assert ended(second) == 0
    # Nobody is left who knows how the first one ended, but that it did is known.
    assert ended(first) is None


def test_the_server_ends_with_the_process_it_serves() -> None:
    server = forking.Server()
    server.line.shutdown(socket.SHUT_RDWR)
    server.line.close()
    assert server.process.wait(20) == 0


def test_a_process_that_was_forked_has_a_server_of_its_own() -> None:
    before = forking.server()
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        other = forking.server()
        os.write(write, b"1" if other is not before and other.owner == os.getpid() else b"0")
        other.close()
        os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    assert os.read(read, 1) == b"1"
    os.close(read)
    assert before.process.poll() is None
