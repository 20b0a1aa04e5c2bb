"""A download service as a process of its own, and what can be seen of it from outside."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import requests

from kapture.local.servers import free_port
from tests.gateways.media.forked import at_work

PROJECT = Path(__file__).resolve().parents[2]
TOKEN = "the-token-of-the-tests-0123456789"
SECONDS = 20.0


def until(true: Callable[[], Any], seconds: float = SECONDS) -> None:
    """Wait until something is so; fail when it does not become so in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def environment(home: Path, **values: str) -> dict[str, str]:
    """All that the service knows: nothing of the machine that runs the tests."""
    return {"PATH": os.environ["PATH"], "KAPTURE_HOME": str(home), "YTDLP_SERVICE_TOKEN": TOKEN, **values}


class Running:
    """One service; `stop` and `kill` end it, and `start` starts it anew at the same address."""

    def __init__(self, home: Path, **values: str) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{free_port()}"
        self.values = {"PORT": self.url.rpartition(":")[2], "FETCHER_JOBS": "2", "LOG_LEVEL": "WARNING", **values}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Running":
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "kapture.fetcher"]
        env = environment(self.home, **self.values)
        self.process = subprocess.Popen(command, cwd=PROJECT, env=env, start_new_session=True)
        until(self._answers)
        return self

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the service did not start"
        try:
            return requests.get(f"{self.url}/health", timeout=1).status_code == 200
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """End all of its own processes at once, as a machine does that loses its power."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it politely, when it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(SECONDS)

    def ask(self, method: str, path: str, token: str = TOKEN, **options: Any) -> requests.Response:
        """One request to it."""
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        return requests.request(method, f"{self.url}{path}", headers=headers, timeout=SECONDS, **options)

    def engines(self) -> list[psutil.Process]:
        """The fetching processes under it."""
        assert self.process is not None
        return engines(self.process.pid)

    def folders(self) -> list[Path]:
        """The working folders it has."""
        return [folder for name in ("orders", ".") for folder in (self.home / "fetcher" / name).glob("*-*")]


def engines(pid: int) -> list[psutil.Process]:
    """The fetching processes under a process."""
    return at_work(psutil.Process(pid))
