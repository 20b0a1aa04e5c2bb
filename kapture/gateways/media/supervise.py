"""Starting the process that fetches, hearing what it says, and ending it with everything it started."""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings

from kapture.gateways.media.environment import environment
from kapture.gateways.media.forking import CONTROL, Forked
from kapture.gateways.media.proxy.server import Proxy
from kapture.gateways.media.sandbox import WALLED, Sandbox, hand_over, in_force, user_for
from kapture.gateways.media.walls import Walls

LINE_LIMIT = 1 << 20
LOG = "child.log"
FORKS = hasattr(os, "pidfd_open")


class Child:
    """A running fetch process; leaving the `with` block ends its whole group and its way out, whatever their state.

    `proxy` is its only way out; without one there is none. `sandbox` are its walls, by default those in force here.
    """

    def __init__(
        self,
        request: bytes,
        scratch: Path,
        module: str = "kapture.gateways.media.child",
        *,
        proxy: Proxy | None = None,
        sandbox: Sandbox | None = None,
    ) -> None:
        self.scratch = scratch
        self.proxy = proxy
        self._buffer = b""
        held = in_force() if sandbox is None else sandbox
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = self._start(module, theirs)
            try:
                self._send(self._walls(held, ours, self.control).line() + request)
            except BaseException:
                self.__exit__(None, None, None)
                raise

    def _start(self, module: str, control: socket.socket) -> "subprocess.Popen[bytes] | Forked":
        with (self.scratch / LOG).open("wb") as log:
            if FORKS:
                self.control = CONTROL
                return Forked(module, self.scratch, log.fileno(), control.fileno())
            self.control = control.fileno()
            return subprocess.Popen(
                # -P and -s: nothing in the scratch folder or a home folder can pose as a module.
                [sys.executable, "-P", "-s", "-m", WALLED, module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.scratch,
                env=environment(self.scratch),
                start_new_session=True,
                pass_fds=(control.fileno(),),
                bufsize=0,
            )

    def _walls(self, held: Sandbox, ours: socket.socket, control: int) -> Walls:
        """The walls around the process that was started, its folder handed over and its way out opened."""
        port, password = 0, ""
        if self.proxy is not None:
            password = self.proxy.password
            port = 0 if held.network else self.proxy.listen()
        if self.proxy is not None and held.network:
            self.proxy.adopt(ours)
        else:
            ours.close()
        user = user_for(held, self.scratch, self.process.pid)
        if user is not None:
            hand_over(self.scratch, user)
        return Walls(held.network, user, held.files, password, control, port, settings.DOWNLOAD_NICENESS)

    def _send(self, request: bytes) -> None:
        assert self.process.stdin is not None
        try:
            # The pipe stays open: the child takes its closing as our death.
            self.process.stdin.write(request)
        except BrokenPipeError:
            return  # it died at once; `lines` ends and the log tells why

    def lines(self, tick: float) -> Iterator[bytes | None]:
        """Each line as it comes, and None at least every `tick` seconds; ends when the child has said everything."""
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            next_tick = time.monotonic() + tick
            while True:
                ready = selector.select(max(next_tick - time.monotonic(), 0.0))
                if ready:
                    chunk = os.read(self.process.stdout.fileno(), 64 << 10)
                    if not chunk or len(self._buffer) > LINE_LIMIT:
                        return
                    *lines, self._buffer = (self._buffer + chunk).split(b"\n")
                    yield from lines
                if time.monotonic() >= next_tick:
                    next_tick = time.monotonic() + tick
                    yield None

    def log_tail(self) -> str:
        """The last words of the child, for our log."""
        path = self.scratch / LOG
        return path.read_bytes()[-2000:].decode("utf-8", "replace") if path.exists() else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.proxy is not None:
            self.proxy.close()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
