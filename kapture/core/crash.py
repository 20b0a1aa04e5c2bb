"""Points where a test may kill the process, to prove that the next start picks the work up."""

import os
import signal
from collections import Counter
from pathlib import Path

from django.conf import settings

_passed: Counter[str] = Counter()


def crashpoint(name: str) -> None:
    """Do nothing in the product; under the test settings, SIGKILL this process when `CRASH=name:n` and this is pass n.

    `CRASH_ONCE` names a file that is made just before, so that only the first process that comes along dies.
    """
    if not getattr(settings, "CRASHPOINTS", False):
        return
    wanted, _, count = os.environ.get("CRASH", "").partition(":")
    if wanted != name:
        return
    _passed[name] += 1
    if _passed[name] != int(count or 1):
        return
    _die_once(Path(os.environ["CRASH_ONCE"]))


def _die_once(marker: Path) -> None:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
