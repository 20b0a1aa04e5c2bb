"""The proxy of one fetch: a thread that accepts, a thread for each connection, and nothing left of them afterwards."""

import contextlib
import secrets
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Final, Self

from kapture.gateways.media.proxy.budget import Budget, Caps
from kapture.gateways.media.proxy.notes import Notes
from kapture.gateways.media.proxy.serve import Connection, Rules
from kapture.gateways.media.proxy.upstream import Upstream
from kapture.gateways.media.proxy.verdicts import Resolve, look_up
from kapture.gateways.media.walls import USER

BACKLOG: Final = 64
JOIN_SECONDS: Final = 1.0
HANDSHAKE_SECONDS: Final = 20.0
Listener = Callable[[], socket.socket | None]
Work = Callable[[], None]


class Proxy:
    """Listens where the client can reach it; leaving the `with` block closes every connection.

    `password` is what the client must know: on a machine without namespaces the port is open to all its processes.
    """

    def __init__(
        self,
        *,
        allow: Collection[str] = (),
        upstream: Upstream | None = None,
        caps: Caps | None = None,
        resolve: Resolve = look_up,
    ) -> None:
        self.password = secrets.token_urlsafe(16)
        token = b64encode(f"{USER}:{self.password}".encode()).decode("ascii")
        self.rules = Rules(f"Basic {token}", allow, upstream, resolve)
        self.budget = Budget(caps or Caps())
        self.notes = Notes()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._open: set[Connection] = set()
        self._threads: set[threading.Thread] = set()
        self._source: socket.socket | None = None

    def listen(self) -> int:
        """Listen on a free port of loopback, and tell it."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self._start(listener, lambda: listener)
        return int(listener.getsockname()[1])

    def adopt(self, control: socket.socket) -> None:
        """Listen on the socket that the client makes in its own network namespace and sends through `control`."""
        control.settimeout(HANDSHAKE_SECONDS)

        def received() -> socket.socket | None:
            with control, contextlib.suppress(OSError):
                _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
                return socket.socket(fileno=descriptors[0]) if descriptors else None
            return None

        self._start(control, received)

    def _start(self, source: socket.socket, listener: Listener) -> None:
        self._source = source
        self._thread(lambda: self._accept(listener), "way-out")

    def _accept(self, make: Listener) -> None:
        listener = make()
        if listener is None:
            return  # the client died before it got so far, or cannot listen; it tells why itself
        with listener:
            self._source = listener
            while not self._closing.is_set():
                try:
                    client, _ = listener.accept()
                except OSError:
                    return  # `close` shuts the listener down
                self._take(client)

    def _take(self, client: socket.socket) -> None:
        connection = Connection(client, self.rules, self.budget, self.notes)
        with self._lock:
            if self._closing.is_set() or len(self._open) >= self.budget.caps.connections:
                client.close()
                return
            self._open.add(connection)
        self._thread(lambda: self._serve(connection), "way-out-connection")

    def _serve(self, connection: Connection) -> None:
        try:
            connection.serve()
        finally:
            with self._lock:
                self._open.discard(connection)
                self._threads.discard(threading.current_thread())
            for sock in (connection.client, connection.remote):
                if sock is not None:
                    sock.close()

    def _thread(self, work: Work, name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        with self._lock:
            # Who closes waits for those that are noted, and one can only wait for what has begun.
            thread.start()
            self._threads.add(thread)

    def close(self) -> None:
        """End every connection and thread; a name that is still being looked up is all that may outlast it."""
        self._closing.set()
        with self._lock:
            socks = [sock for one in self._open for sock in (one.client, one.remote) if sock is not None]
            threads = tuple(self._threads)
        for sock in (self._source, *socks):
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        until = time.monotonic() + JOIN_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
