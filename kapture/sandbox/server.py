"""The HTTP server under every stand-in: keep-alive, chunked and zipped request bodies, sockets dropped on demand."""

import gzip
import os
import socket
import ssl
import struct
import sys
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from kapture.sandbox.messages import BadRequestError, Ending, Request, Response
from kapture.sandbox.standin import StandIn

BODY_LIMIT = 64 << 20
IDLE_SECONDS = 120
# A reset makes the client's system forget bytes that were not read yet, so it comes a moment after them.
BEFORE_RESET = 0.05


class Server(ThreadingHTTPServer):
    """One stand-in on one port (0: any free one), answering in a thread of its own after `start`."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"
    request_queue_size = 256

    def __init__(self, stand_in: StandIn, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((host, port), _Handler)
        self.stand_in = stand_in
        self.url = f"http://{host}:{self.server_address[1]}"
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Begin to answer."""
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name=self.stand_in.name, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering, let go of every request that hangs on purpose, and free the port."""
        self.stand_in.close()
        if self._thread:
            self.shutdown()
            self._thread.join()
        self.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the stand-in; everything else is shown by the base class."""
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "KaptureSandbox/1"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def _serve(self) -> None:
        try:
            request = self._read()
        except BadRequestError as error:
            self.close_connection = True
            self._send(self.server.stand_in.refuse(400, str(error)))
            return
        self._send(self.server.stand_in.handle(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def do_CONNECT(self) -> None:
        """Open a tunnel and sit at its other end, where the stand-in is one that plays a proxy."""
        context = self.server.stand_in.tunnel(self.path)
        if context is None:
            self.close_connection = True
            self._send(self.server.stand_in.refuse(405, "This is no proxy."))
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        self.close_connection = False
        self.request = context.wrap_socket(self.connection, server_side=True)
        self.setup()

    def finish(self) -> None:
        """Close what a tunnel opened too, which the server does not know."""
        super().finish()
        if isinstance(self.request, ssl.SSLSocket):
            self.request.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The journal tells what was asked; nothing is printed."""

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = _unzipped(self._body(headers), headers.get("content-encoding", ""))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return Request(self.command, unquote(parts.path), query, headers, body)

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > BODY_LIMIT:
            raise BadRequestError("Content-Length is not acceptable.")
        return self.rfile.read(int(length))

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            try:
                size = int(self.rfile.readline(100).split(b";")[0], 16)
            except ValueError as error:
                raise BadRequestError("A chunk has no readable size.") from error
            if len(body) + size > BODY_LIMIT:
                raise BadRequestError("The body is too large.")
            if not size:
                break
            body += self.rfile.read(size)
            self.rfile.readline(100)
        while self.rfile.readline(8192).strip():
            pass  # Trailers are read to the empty line, so that the next request starts at its first byte.
        return bytes(body)

    def _send(self, response: Response) -> None:
        if response.ending is not Ending.KEEP:
            self.close_connection = True
        if not response.silent:
            self._send_head(response)
            if self.command != "HEAD" and response.status not in (204, 304):
                self._send_body(response)
            self.wfile.flush()
        match response.ending:
            case Ending.CLOSE:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.connection.close()
            case Ending.RESET:
                self._reset()

    def _send_head(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status not in (204, 304):
            declared = response.declared
            chunked = declared is None
            self.send_header(*("transfer-encoding", "chunked") if chunked else ("content-length", str(declared)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()

    def _send_body(self, response: Response) -> None:
        chunked = response.declared is None
        for part in response.parts():
            if part:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
        if chunked and response.ending is Ending.KEEP:
            self.wfile.write(b"0\r\n\r\n")

    def _reset(self) -> None:
        time.sleep(BEFORE_RESET)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Closing the number under the socket object: `close()` would wait for the file objects around it.
        os.close(self.connection.detach())


def _unzipped(body: bytes, encoding: str) -> bytes:
    try:
        match encoding.lower():
            case "" | "identity":
                return body
            case "gzip":
                return gzip.decompress(body)
            case "deflate":
                return zlib.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise BadRequestError("The body cannot be decompressed.") from error
    raise BadRequestError(f"Content-Encoding {encoding} is not understood.")
