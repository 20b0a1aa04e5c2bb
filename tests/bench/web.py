"""The web server as it is run, on the test's own database, asked by several at once."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from kapture.local.servers import free_port

OPTIONS = (
    "--interface wsgi --host 127.0.0.1 --workers 2 --blocking-threads 4 --backpressure 64 --no-ws --log-level warning"
)


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """The port of a running server; it is gone afterwards."""
    parts, port = connection.settings_dict, free_port()
    url = f"postgres://{parts['USER']}@/{parts['NAME']}?host={parts['HOST']}"
    environment = {**os.environ, "DATABASE_URL": url, "KAPTURE_HOME": str(folder)}
    command = [
        str(Path(sys.executable).parent / "granian"),
        *OPTIONS.split(),
        "--port",
        str(port),
        "kapture.wsgi:application",
    ]
    log = folder / "web.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            env={**environment, "DJANGO_SETTINGS_MODULE": "kapture.settings.test"},
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(port, log)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait(port: int, log: Path) -> None:
    end = time.monotonic() + 40
    while True:
        try:
            ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/favicon.ico", {})
        except OSError:
            assert time.monotonic() < end, log.read_text(errors="replace")[-3000:]
            time.sleep(0.2)
        else:
            return


def ask(link: http.client.HTTPConnection, path: str, headers: Mapping[str, str]) -> int:
    """The status of an answer that was read to its end."""
    link.request("GET", path, headers=dict(headers))
    answer = link.getresponse()
    answer.read()
    return answer.status


def together(
    port: int, asked: Sequence[tuple[str, Mapping[str, str]]], *, threads: int, each: int
) -> list[list[float]]:
    """Milliseconds of each of several requests, which take turns in every one of the threads."""
    times: list[list[float]] = [[] for _ in asked]
    wrong: list[tuple[str, int]] = []

    def work() -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(each):
            for (path, headers), taken in zip(asked, times, strict=True):
                began = time.perf_counter()
                status = ask(link, path, headers)
                taken.append((time.perf_counter() - began) * 1000)
                if status != 200:
                    wrong.append((path, status))

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong, wrong[:3]
    return times
