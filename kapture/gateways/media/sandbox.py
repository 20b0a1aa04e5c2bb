"""Which walls this machine can raise around a process that fetches, found out once by trying, and what is asked of it.

`DOWNLOAD_SANDBOX`: `auto` takes every wall that holds here, `require` fetches only with a network of its own, `off`
leaves the proxy and the process's own guard alone.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings

from kapture.gateways.media.environment import environment
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.walls import Walls

REQUIRE, OFF = "require", "off"
TRIAL_SECONDS: Final = 60.0
# User ids nobody has: one for each process that runs, by its number, which is at most 2^22 (proc(5), pid_max).
FIRST_USER: Final = 1_200_000_000
MOST_PROCESSES: Final = 1 << 22

_one_trial: Final = threading.Lock()
WALLED: Final = "kapture.gateways.media.walled"
TRIAL: Final = "kapture.gateways.media.trial"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The walls that hold here: a network and a user of its own, only its files; `javascript` is the runtime's name."""

    network: bool = False
    user: bool = False
    files: bool = False
    javascript: str = ""


# What is tried, strongest first: a network of its own counts most, then a user.
LEVELS: Final = (
    Sandbox(network=True, user=True, files=True),
    Sandbox(network=True, files=True),
    Sandbox(user=True, files=True),
    Sandbox(files=True),
    Sandbox(),
)


def in_force() -> Sandbox:
    """The walls around every fetch of this process; raises `FetchFailed` where the required one cannot be raised."""
    if settings.DOWNLOAD_SANDBOX == OFF:
        return Sandbox()
    if settings.DOWNLOAD_SANDBOX == REQUIRE and not found().network:
        raise FetchFailed(Reason.NO_SANDBOX, detail="no network namespace can be made")
    return found()


def found() -> Sandbox:
    """The strongest walls that hold on this machine, by a trial of about half a second that is made once."""
    with _one_trial:
        return _strongest()


@lru_cache(maxsize=1)
def _strongest() -> Sandbox:
    for level in LEVELS if sys.platform == "linux" else LEVELS[-1:]:
        if level.user and not can_give_users():
            continue
        held = _tried(level)
        if held is not None:
            return held
    return Sandbox()


def can_give_users() -> bool:
    """Whether processes can be given user ids of their own: by root, where its namespace knows them.

    And where another user could start the interpreter and read our code, which lie under nobody's own folder.
    """
    needed = (Path(sys.executable).resolve(), Path(os.__file__), Path(__file__))
    if os.geteuid() != 0 or not all(map(is_reachable, needed)):
        return False
    ranges = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    wanted = FIRST_USER + MOST_PROCESSES
    return any(int(first) <= FIRST_USER and wanted <= int(first) + int(count) for first, _, count in ranges)


def _tried(level: Sandbox) -> Sandbox | None:
    """The walls of a level as a process behind them sees them; None when they do not hold, or nothing works there."""
    with tempfile.TemporaryDirectory(prefix="kapture-trial-") as folder:
        process = _start(Path(folder))
        user = FIRST_USER + process.pid if level.user else None
        if user is not None:
            hand_over(Path(folder), user)
        walls = Walls(network=level.network, user=user, files=level.files)
        try:
            told, errors = process.communicate(walls.line(), TRIAL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None
    if process.returncode != 0:
        logger.info("no sandbox of %s: %s", level, errors[-500:].decode("utf-8", "replace"))
        return None
    seen = json.loads(told)
    holds = not (level.network and seen["network"]) and (user is None or seen["user"] == user)
    return replace(level, files=not seen["files"], javascript=seen["javascript"]) if holds else None


def _start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-s", "-m", WALLED, TRIAL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment(folder),
        start_new_session=True,
    )


def user_for(sandbox: Sandbox, scratch: Path, process: int) -> int | None:
    """The user id for a process that works in `scratch`; None keeps ours, as where nobody else could get there."""
    return FIRST_USER + process if sandbox.user and is_reachable(scratch) else None


def is_reachable(folder: Path) -> bool:
    """Whether a user without rights can get to a folder at all."""
    return all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents)


def hand_over(folder: Path, user: int) -> None:
    """Give a working folder and what lies in it to a user; links are not followed."""
    for inside in folder.rglob("*"):
        os.lchown(inside, user, user)
    os.lchown(folder, user, user)
    folder.chmod(0o700)
