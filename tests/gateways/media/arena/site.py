"""The public host: 93.184.216.34, port 80."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.gateways.media.arena.vectors import PAGES, REDIRECTS
from tests.gateways.media.arena.world import PUBLIC, listening

FILMS = ("/clip.mp4", "/film.mp4", "/thumb.mp4", "/a.ts")


class Host:
    """Serves the pages and redirects of the vectors, and one good film."""

    def __init__(self, film: bytes) -> None:
        self.served = 0
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.served += 1
                path = self.path.partition("?")[0]
                if path in REDIRECTS:
                    code, target = REDIRECTS[path]
                    self._send(code, "text/plain", b"", Location=target)
                elif path in PAGES:
                    content_type, body = PAGES[path]
                    self._send(200, content_type, body.encode())
                elif path in FILMS:
                    self._send(200, "video/mp4", film)
                else:
                    self._send(404, "text/plain", b"")

            do_HEAD = do_GET  # noqa: N815  # the name is that of the library

            def _send(self, code: int, content_type: str, body: bytes, **headers: str) -> None:
                self.send_response(code)
                for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer((PUBLIC, 80), Handler, bind_and_activate=False)
        self.server.socket.close()
        self.server.socket = listening(socket.AF_INET, PUBLIC, 80)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
