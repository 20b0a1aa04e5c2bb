"""Starting the process that fetches, hearing what it says, and ending it with everything it started."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

PROJECT = Path(__file__).resolve().parents[3]
LINE_LIMIT = 1 << 20
LOG = "child.log"
# Where a deployment keeps its certificates is the only thing of our environment that the child may know.
KEPT_ENVIRONMENT = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


class Child:
    """A running fetch process; leaving the `with` block ends its whole group, whatever state it is in."""

    def __init__(self, request: bytes, scratch: Path, module: str = "kapture.gateways.media.child") -> None:
        self.scratch = scratch
        with (scratch / LOG).open("wb") as log:
            self.process = subprocess.Popen(
                # -P and -s: nothing in the scratch folder or a home folder can pose as a module.
                [sys.executable, "-P", "-s", "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=scratch,
                env=environment(scratch),
                start_new_session=True,
                bufsize=0,
            )
        self._send(request)
        self._buffer = b""

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
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def environment(scratch: Path) -> dict[str, str]:
    """The whole environment of the child: no keys, no proxies, no home of ours."""
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return {
        "PATH": str(Path(sys.executable).parent),
        "PYTHONPATH": str(PROJECT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "DENO_NO_UPDATE_CHECK": "1",
        **kept,
    }
