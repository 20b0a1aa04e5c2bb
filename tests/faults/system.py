"""A running Kapture without its web process: real workers and a real dispatcher on the test's own database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection

from kapture.core.oracle import verify
from kapture.jobs.models import ACTIVE, Job

PYTHON = sys.executable


class System:
    """Starts, kills and watches processes; every one it started is gone after `stop`."""

    def __init__(self, folder: Path, extra: dict[str, str] | None = None) -> None:
        self.folder = folder
        parts = connection.settings_dict
        url = f"postgres://{parts['USER']}@/{parts['NAME']}?host={parts['HOST']}"
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": url,
            "KAPTURE_HOME": str(folder),
            "CRASH_ONCE": str(folder / "crashed"),
            **(extra or {}),
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def _start(self, *command: str, **env: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            command, env={**self.env, **env}, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        self.processes.append(process)
        return process

    def worker(self, concurrency: int = 2, **env: str) -> subprocess.Popen[bytes]:
        """A worker for all queues."""
        options = f"--queues default,scrape,download,ai --concurrency {concurrency} --without-gossip --without-mingle"
        celery = str(Path(PYTHON).parent / "celery")
        return self._start(celery, "-A", "kapture", "worker", *options.split(), "--loglevel", "WARNING", **env)

    def dispatcher(self, **env: str) -> subprocess.Popen[bytes]:
        """The dispatcher."""
        return self._start(PYTHON, "-W", "ignore", "manage.py", "dispatch", **env)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill -9 of a process and all it started."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End everything."""
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)

    def logs(self) -> str:
        """What the processes said."""
        return "\n".join(file.read_text(errors="replace")[-3000:] for file in sorted(self.folder.glob("*.log")))

    def until(self, met: Callable[[], Any], seconds: float = 40) -> None:
        """Wait until a condition holds; fails with the logs when it does not."""
        end = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < end, self.logs()
            time.sleep(0.05)

    def drain(self, jobs: Iterable[Job], seconds: float = 60) -> None:
        """Wait until every job has ended."""
        ids = [job.pk for job in jobs]
        self.until(lambda: not Job.objects.filter(pk__in=ids, state__in=ACTIVE).exists(), seconds)


def wipe_redis() -> None:
    """FLUSHALL: what a Redis that lost its memory looks like."""
    redis.Redis.from_url(settings.REDIS_URL).flushall()


def assert_invariants() -> None:
    """The oracle finds nothing."""
    assert {rule.name: ids for rule, ids in verify() if ids} == {}
