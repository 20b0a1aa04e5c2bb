"""The supervisor of `make run`, as far as it can be seen without starting the whole product (tests/e2e does that)."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kapture.local.run import Instance, is_free
from kapture.local.servers import free_port


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KAPTURE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_home_has_one_instance_and_a_stopping_one_is_waited_for(home: Path) -> None:
    first, second = Instance(), Instance()
    first.take_home()
    leave = threading.Timer(0.6, first.stop)
    leave.start()
    began = time.monotonic()
    second.take_home()
    assert time.monotonic() - began > 0.4
    second.stop()


def test_a_taken_port_is_named(home: Path) -> None:
    port = free_port()
    holder = subprocess.Popen([sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"], cwd=home.parent)
    try:
        until = time.monotonic() + 10
        while is_free(port) and time.monotonic() < until:
            time.sleep(0.05)
        started = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "kapture.local.run"],
            env={**os.environ, "PORT": str(port), "DATABASE_URL": "postgres://nobody@/none"},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    finally:
        holder.kill()
        holder.wait()
    assert f"Port {port} is taken" in started.stderr
    assert started.returncode == 1


def test_commands_learn_the_addresses_while_it_runs(home: Path) -> None:
    instance = Instance()
    instance.env["DATABASE_URL"] = "postgres://somewhere/else"
    instance.tell()
    assert '"DATABASE_URL": "postgres://somewhere/else"' in (home / "instance.json").read_text()
    assert (home / "instance.json").stat().st_mode & 0o077 == 0
    instance.stop()
    assert not (home / "instance.json").exists()
