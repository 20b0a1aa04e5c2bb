"""A relay before the store that can lose answers, refuse, or say what the store would say in trouble."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Verdict = Callable[[str, str], bytes | None]


def passing(method: str, path: str) -> bytes | None:
    """Let everything through."""
    return None


@dataclass
class Relay:
    """Passes requests on to a store. `before` may answer in its place, `lose` names answers that never come back."""

    target: str
    port: int = 0
    before: Verdict = passing
    lose: Callable[[str, str], bool] = lambda method, path: False
    seen: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def read(stream: socket.socket) -> bytes:
    """A whole HTTP message; those of this store carry a length, or none and no body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = stream.recv(1 << 16)
        if not piece:
            return b""
        data += piece
        if b"100-continue" in data and data.endswith(b"\r\n\r\n"):
            stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    head, _, body = data.partition(b"\r\n\r\n")
    names = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    left = 0 if data.startswith(b"HTTP/1.1 304") else int(names.get(b"content-length", 0)) - len(body)
    while left > 0 and (piece := stream.recv(min(left, 1 << 16))):
        data += piece
        left -= len(piece)
    return data


@contextmanager
def relaying(target: str) -> Iterator[Relay]:
    """A relay that listens until the block is left."""
    relay = Relay(target)
    there = urlsplit(target)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            message = read(self.request)
            if not message:
                return
            method, path = message.split(b" ", 2)[:2]
            asked = method.decode(), path.decode()
            relay.seen.append(asked)
            answer = relay.before(*asked)
            if answer is None:
                answer = forward(message, headless=method == b"HEAD")
            if not relay.lose(*asked):
                self.request.sendall(answer)

    def forward(message: bytes, *, headless: bool) -> bytes:
        once = message.replace(b"\r\n", b"\r\nConnection: close\r\n", 1).replace(b"Expect: 100-continue\r\n", b"", 1)
        with socket.create_connection((there.hostname, there.port)) as store:
            store.sendall(once)
            found = b""
            while piece := store.recv(1 << 16):
                found += piece
        return found

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        relay.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield relay
        server.shutdown()


def refusal(status: int, code: str) -> bytes:
    """What S3 says when it does not do what was asked."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()
    head = f"HTTP/1.1 {status} No\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\nConnection: close"
    return head.encode() + b"\r\n\r\n" + body
