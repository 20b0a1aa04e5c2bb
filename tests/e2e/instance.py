"""A whole Kapture, started the way people start it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from kapture.local.servers import remove

ROOT = Path(__file__).resolve().parents[2]
# What the person running the tests may have set must not reach the instance.
OWN = (
    "DATABASE_URL", "REDIS_URL", "APIFY_API_TOKEN", "OPENAI_API_KEY", "SITE_URL", "DJANGO_SETTINGS_MODULE", "EMAIL_URL",
)  # fmt: skip


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that the database's own user may enter; pytest's closes to others whenever another pytest starts."""
    folder = Path(tempfile.mkdtemp(prefix="kapture-e2e-"))
    folder.chmod(0o755)
    yield folder
    remove(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Instance:
    """`python -m kapture.local.run` in a home of its own."""

    def __init__(self, home: Path, **env: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o755)
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home / "run.log"
        self.env = {key: value for key, value in os.environ.items() if key not in OWN}
        self.env |= {"KAPTURE_HOME": str(home), "PORT": str(self.port), **env}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 120) -> float:
        """Start it and wait for the first page; answers how long that took."""
        began = time.monotonic()
        command = [sys.executable, "-W", "ignore", "-m", "kapture.local.run"]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.env,
            stdout=self.log.open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        while not self.answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() - began < seconds, self.log.read_text()
            time.sleep(0.1)
        return time.monotonic() - began

    def answers(self) -> bool:
        """Whether the sign-in page is served."""
        try:
            with urllib.request.urlopen(f"{self.url}/accounts/login/", timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def family(self) -> list[psutil.Process]:
        """Every process that works in this home, however it was started."""
        found = []
        for process in psutil.process_iter():
            try:
                mine = str(self.home) in " ".join(process.cmdline()) or process.environ().get("KAPTURE_HOME") == str(
                    self.home
                )
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue
            if mine and process.pid != os.getpid():
                found.append(process)
        return found

    def stop(self) -> None:
        """Ctrl-C, as a terminal sends it: to the whole foreground group."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            self.process.wait(40)

    def manage(self, *arguments: str) -> str:
        """What a `manage.py` command prints."""
        command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def said(self, lines: int = 60) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def known(self) -> dict[str, str]:
        """Addresses of the instance."""
        known: dict[str, str] = json.loads((self.home / "instance.json").read_text())
        return known
