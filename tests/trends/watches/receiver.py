"""Somebody's own address: a small server that takes messages and answers as it is told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook


class Receiver:
    """What came in, and what is answered next: statuses in turn, the last one for ever."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/alerts?to=me"
        self.statuses = [200]
        self.headers: dict[str, str] = {}
        self.size = 2
        self.wait = 0.0
        self.piece = 1 << 16
        self.drip = 0.0
        self.messages: list[tuple[dict[str, str], bytes, str]] = []

    @property
    def pair(self) -> str:
        """The host and port as EGRESS_ALLOW names them."""
        return f"127.0.0.1:{self.port}"

    def body(self, number: int = -1) -> Any:
        """A message as JSON."""
        return json.loads(self.messages[number][1])

    def is_genuine(self, secret: str, number: int = -1) -> bool:
        """Whether the vendor's own library takes a message for signed."""
        headers, body, _ = self.messages[number]
        return Webhook(secret).verify(body, headers) == json.loads(body)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Take a message and answer."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.messages.append(({name.lower(): value for name, value in handler.headers.items()}, body, handler.path))
        time.sleep(self.wait)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        handler.send_response(status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(self.size))
        handler.end_headers()
        for start in range(0, self.size, self.piece):
            handler.wfile.write(b"x" * min(self.piece, self.size - start))
            handler.wfile.flush()
            time.sleep(self.drip)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                receiver.answer(self)
            except OSError:  # the sender hung up, as it should in some of the tests
                self.close_connection = True

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
