"""Getting a process from the fork server of this process, which is started with the first one that is wanted."""

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from kapture.gateways.media.environment import environment

SERVER: Final = "kapture.gateways.media.forkserver"
ANSWER: Final = 4096
# Standard streams and control socket of a new process, in the order in which they are sent.
DESCRIPTORS: Final = 4
CONTROL: Final = 3


class Gone(OSError):
    """The fork server ended."""


class Server:
    """The fork server of one process; orders are answered one after the other."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.lock = threading.Lock()
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-m", SERVER, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                env=environment(Path(tempfile.gettempdir())),
                start_new_session=True,
                pass_fds=(theirs.fileno(),),
            )

    def ask(self, order: Mapping[str, Any], descriptors: Sequence[int] = ()) -> tuple[dict[str, Any], list[int]]:
        """What the server answers to an order; raises `Gone`."""
        try:
            with self.lock:
                socket.send_fds(self.line, [json.dumps(order).encode()], descriptors)
                said, sent, _, _ = socket.recv_fds(self.line, ANSWER, 1)
        except OSError as error:
            raise Gone from error
        if not said:
            raise Gone
        return json.loads(said), sent

    def close(self) -> None:
        """Let the server end; the processes it forked are not touched."""
        self.line.close()
        self.process.wait()


_server: Server | None = None
_starting = threading.Lock()


def server(*, instead_of: Server | None = None) -> Server:
    """The fork server of this process: each process that was forked from another starts its own."""
    global _server
    with _starting:
        if _server is None or _server.owner != os.getpid() or _server is instead_of:
            if _server is not None and _server.owner == os.getpid():
                _server.close()
            _server = Server()
        return _server


class Forked:
    """A process that the fork server made: like `subprocess.Popen`, as far as it is needed here."""

    def __init__(self, module: str, folder: Path, log: int, control: int) -> None:
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        self.stdin: BinaryIO = os.fdopen(ours_in, "wb", buffering=0)
        self.stdout: BinaryIO = os.fdopen(ours_out, "rb", buffering=0)
        order = {"module": module, "folder": str(folder), "environment": environment(folder)}
        try:
            self._start(order, (theirs_in, theirs_out, log, control))
        except BaseException:
            self.stdin.close()
            self.stdout.close()
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        self.returncode: int | None = None

    def _start(self, order: Mapping[str, Any], descriptors: Sequence[int]) -> None:
        self._server = server()
        try:
            answer, sent = self._server.ask(order, descriptors)
        except Gone:
            # Somebody ended it, the kernel for want of memory perhaps: once more, with a new one.
            self._server = server(instead_of=self._server)
            answer, sent = self._server.ask(order, descriptors)
        self.pid = int(answer["pid"])
        self._end = sent[0]

    def wait(self) -> int | None:
        """The exit code, once it has ended; None when the server that could have told it has gone."""
        if self._end >= 0:
            poll = select.poll()
            poll.register(self._end, select.POLLIN)
            poll.poll()
            os.close(self._end)
            self._end = -1
            try:
                self.returncode = int(self._server.ask({"ended": self.pid})[0]["code"])
            except Gone:
                self.returncode = None
        return self.returncode
