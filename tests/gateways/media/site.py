"""A small web site on loopback that serves media, and misbehaves where a test asks for it."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """Routes by path; `hits` lists what was asked for, in order."""

    def __init__(self) -> None:
        self.routes: dict[str, Answer] = {}
        self.hits: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.hits.append(self.path)
                answer = site.routes.get(self.path.partition("?")[0])
                try:
                    (answer or status(404))(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_HEAD = do_GET  # noqa: N815  # the name is that of the library

            def log_message(self, *args: Any) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def serve(self, path: str, body: bytes, content_type: str = "application/octet-stream", **headers: str) -> str:
        """Answer a path with these bytes; ranges are not offered."""
        self.routes[path] = whole(body, content_type, headers)
        return self.url(path)

    def serve_html(self, path: str, body: str) -> str:
        page = f"<!doctype html><html><head><title>A page</title></head><body>{body}</body></html>"
        return self.serve(path, page.encode(), "text/html; charset=utf-8")

    def serve_hls(self, path: str, text: str) -> str:
        return self.serve(path, text.encode(), "application/vnd.apple.mpegurl")

    def redirect(self, path: str, target: str, code: int = 302) -> str:
        self.routes[path] = status(code, Location=target)
        return self.url(path)


@contextmanager
def running() -> Iterator[Site]:
    """A site for the length of a block."""
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()


def whole(body: bytes, content_type: str, headers: dict[str, str]) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in {"Content_Type": content_type, "Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(body)

    return answer


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content_Length": "0", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    return answer


def endless(head: bytes, *, block: int = 64 << 10, pause: float = 0.0, content_type: str = "video/mp4") -> Answer:
    """A body without an announced length that begins like a file and never ends."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        handler.wfile.write(head)
        while True:
            handler.wfile.write(b"\x00" * block)
            handler.wfile.flush()
            time.sleep(pause)

    return answer


def slow(body: bytes, *, block: int = 64 << 10, pause: float = 0.1, content_type: str = "video/mp4") -> Answer:
    """A whole body that takes its time."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        for start in range(0, len(body), block):
            handler.wfile.write(body[start : start + block])
            handler.wfile.flush()
            time.sleep(pause)

    return answer


def bomb(size: int, content_type: str) -> Answer:
    """A small body that unpacks to `size` zero bytes."""
    return whole(gzip.compress(bytes(size)), content_type, {"Content_Encoding": "gzip"})
