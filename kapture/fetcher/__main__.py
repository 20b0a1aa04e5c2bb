"""`python -m kapture.fetcher`: the download service on HOST and PORT, for callers who know YTDLP_SERVICE_TOKEN."""

import fcntl
import os
import sys
from typing import Final

import django
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from kapture.fetcher import settings
from kapture.fetcher.folder import clear

# A caller polls, and files are sent while others poll: threads for both, and for looks.
THREADS_BESIDE: Final = 8
KILL_SECONDS: Final = 5


def main() -> int:
    """Serve until SIGTERM or SIGINT; 2 when the settings or the folder do not allow it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "kapture.fetcher.settings"
    django.setup()
    if not settings.YTDLP_SERVICE_TOKEN:
        return refuse("YTDLP_SERVICE_TOKEN is not set: give a random text of 32 characters or more.")
    if settings.FETCHER_JOBS < 1 or settings.FETCHER_FORGET_SECONDS <= 0:
        return refuse("FETCHER_JOBS and FETCHER_FORGET_SECONDS must be positive.")
    folder = settings.SCRATCH
    with folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return refuse(f"Another service works in {folder}. KAPTURE_HOME names another folder.")
        clear(folder)
        try:
            server().serve()
        finally:
            clear(folder)
    return 0


def server() -> MPServer:
    """One process with threads, because what it has in hand lives in its memory; it is started anew when it breaks."""
    return MPServer(
        "kapture.fetcher.wsgi:build",
        factory=True,
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=2 * settings.FETCHER_JOBS + THREADS_BESIDE,
        backpressure=8 * settings.FETCHER_JOBS + THREADS_BESIDE,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_SECONDS,
        log_level=LogLevels.error,
    )


def refuse(why: str) -> int:
    """Say why there is no service."""
    sys.stderr.write(f"{why}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
