"""What the server loads: the service of this process, and the one thread that tidies up behind callers."""

import os
import threading
import time
from typing import Final

import django

from kapture.fetcher import settings
from kapture.fetcher.desk import Desk
from kapture.fetcher.folder import clear
from kapture.fetcher.service import Service
from kapture.gateways.media import sandbox

SWEEP_SECONDS: Final = 0.5


def tidy(desk: Desk, parent: int) -> None:
    """Forget what nobody asks about, and end with the process that started this one: never returns."""
    # The walls are tried now, so that the first download does not wait for it.
    sandbox.found()
    while os.getppid() == parent:
        time.sleep(SWEEP_SECONDS)
        desk.sweep()
    os._exit(1)


def build() -> Service:
    """The service as the settings want it, tidying up already."""
    django.setup()
    # The process before this one may have been killed.
    clear(settings.SCRATCH)
    desk = Desk(settings.SCRATCH / "orders", settings.FETCHER_JOBS, settings.FETCHER_FORGET_SECONDS)
    threading.Thread(target=tidy, args=[desk, os.getppid()], name="tidy", daemon=True).start()
    return Service(desk, settings.YTDLP_SERVICE_TOKEN)
