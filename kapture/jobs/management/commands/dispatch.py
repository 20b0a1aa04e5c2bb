"""`manage.py dispatch`: the dispatcher process."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from kapture.jobs.dispatcher import loop


class Command(BaseCommand):
    """Send due jobs to the workers and answer for lost ones, until stopped."""

    help = __doc__
    requires_system_checks: tuple[str, ...] = ()  # the web process checks; this one starts at once

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the loop; SIGTERM and SIGINT end it after its current round."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        loop(stop)
