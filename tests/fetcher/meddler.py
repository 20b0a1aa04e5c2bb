"""A bad wire between a caller and the service: it passes requests on, and spoils answers where a test asks for it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

Spoil = Callable[["Wire"], None]
PASSED = ("Authorization", "Content-Type", "Range")


class Wire(BaseHTTPRequestHandler):
    """One request on its way; `server.meddler` says what is to go wrong with it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        meddler: Meddler = self.server.meddler
        meddler.seen.append((self.command, self.path, self.headers.get("Range", "")))
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            (meddler.next_spoil(self.command, self.path) or Wire.pass_on)(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_POST = do_DELETE = do_GET  # noqa: N815  # the names are those of the library

    def ask(self) -> requests.Response:
        """What the service says to this request."""
        headers = {name: self.headers[name] for name in PASSED if name in self.headers}
        url = f"{self.server.meddler.target}{self.path}"
        return requests.request(self.command, url, data=self.body, headers=headers, timeout=20)

    def pass_on(self) -> None:
        """Send what the service says, unchanged."""
        response = self.ask()
        self.answer(response.status_code, response.content, response.headers)

    def answer(self, status: int, body: bytes, headers: Any, *, length: int | None = None) -> None:
        """Send an answer, whose announced length may be a lie."""
        self.send_response(status)
        for name in ("Content-Type", "Content-Range", "Retry-After", "Location"):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """Close without another word."""
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Stay quiet."""


class Meddler:
    """The wire to `target`, or to nobody; `spoil` names what happens to the next requests of a method and path."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.seen: list[tuple[str, str, str]] = []
        self._spoils: list[tuple[str, str, Spoil, int]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Wire)
        self.server.daemon_threads = True
        self.server.meddler = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def spoil(self, method: str, part: str, how: Spoil, *, times: int = 1) -> None:
        """Let `how` treat the next `times` requests of a method whose path has a part."""
        self._spoils.append((method, part, how, times))

    def next_spoil(self, method: str, path: str) -> Spoil | None:
        """What is to happen to this request."""
        for index, (wanted, part, how, times) in enumerate(self._spoils):
            if wanted == method and part in path and times:
                self._spoils[index] = (wanted, part, how, times - 1)
                return how
        return None


@contextmanager
def meddling(target: str) -> Iterator[Meddler]:
    """A bad wire for the length of a block."""
    meddler = Meddler(target)
    thread = threading.Thread(target=meddler.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield meddler
    meddler.server.shutdown()
    meddler.server.server_close()
