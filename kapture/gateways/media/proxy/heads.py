"""Reading and writing the heads of HTTP messages: bounded, parsed once, and refused where two readers could differ.

A request comes as `CONNECT host:port` (RFC 9110, section 9.3.6) or with a whole address in its first line (RFC 9112,
section 3.2.2). Whatever follows is written anew from what was understood here, so that nobody reads it differently.
"""

import re
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

HEAD_BYTES: Final = 64 << 10
BODY_BYTES: Final = 16 << 20
_END: Final = b"\r\n\r\n"
_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s\[\]:/?#@\\]+):([0-9]{1,5})")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "OPTIONS"})
# These speak about one connection only (RFC 9110, section 7.6.1), or to the proxy itself.
_HOP: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer", "upgrade", "host"}
)


class BadMessage(Exception):
    """A head that is too long, broken, or of a kind that is not passed on."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a request asks for: a tunnel to a host and port, or one exchange with it; `body` is in bytes."""

    method: str
    host: str
    port: int
    path: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: int = 0

    @property
    def is_tunnel(self) -> bool:
        """Whether only a connection is wanted."""
        return self.method == "CONNECT"

    def header(self, name: str) -> str:
        """The first value of a header, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def head(self) -> bytes:
        """The head that the server gets: one exchange, then the connection closes."""
        shown = self.host if self.port == 80 else f"{self.host}:{self.port}"
        kept = [f"{name}: {value}" for name, value in self.headers if name.lower() not in _HOP]
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {shown}", *kept, "Connection: close"]
        return "\r\n".join(lines).encode("latin-1") + _END


def read_head(sock: socket.socket, got: bytes = b"") -> tuple[bytes, bytes]:
    """The head of a message without its empty line, and what came with it; raises `BadMessage`, and OSError.

    `got` is what came already.
    """
    while _END not in got:
        if len(got) > HEAD_BYTES:
            raise BadMessage("head too long")
        piece = sock.recv(16 << 10)
        if not piece:
            raise BadMessage("closed within its head" if got else "")
        got += piece
    head, _, rest = got.partition(_END)
    return head, rest


def parse_ask(head: bytes) -> Ask:
    """The request of a head; raises `BadMessage`."""
    first, *lines = _lines(head)
    method, _, target = first.removesuffix(" HTTP/1.1").removesuffix(" HTTP/1.0").partition(" ")
    if not first.endswith((" HTTP/1.1", " HTTP/1.0")) or " " in target:
        raise BadMessage("no request line")
    headers = tuple(_field(line) for line in lines)
    if method == "CONNECT":
        return Ask(method, *_authority(target), headers=headers)
    if method not in _METHODS:
        raise BadMessage("method")
    try:
        parts = urlsplit(target)
    except ValueError as error:
        raise BadMessage("address") from error
    if parts.scheme != "http":
        raise BadMessage("scheme")
    host, port = _authority(parts.netloc if re.search(r":\d+$", parts.netloc) else f"{parts.netloc}:80")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Ask(method, host, port, path, headers, _length(headers))


def _lines(head: bytes) -> list[str]:
    lines = head.decode("latin-1").split("\r\n")
    if any(_CONTROL.search(line) for line in lines):
        raise BadMessage("control characters")
    return lines


def _field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        raise BadMessage("header line")
    return name, value.strip()


def _authority(text: str) -> tuple[str, int]:
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        raise BadMessage("host and port")
    return found[1], int(found[2])


def _length(headers: tuple[tuple[str, str], ...]) -> int:
    """The length of a request's body; two statements of it, or chunks, are what smuggling is made of."""
    told = [value for name, value in headers if name.lower() == "content-length"]
    if len(told) > 1 or any(name.lower() == "transfer-encoding" for name, _ in headers):
        raise BadMessage("body")
    if told and (not told[0].isascii() or not told[0].isdigit() or int(told[0]) > BODY_BYTES):
        raise BadMessage("body")
    return int(told[0]) if told else 0


def closing(head: bytes) -> bytes:
    """The head of an answer, for a client that may ask only once on this connection; raises `BadMessage`."""
    first, *lines = _lines(head)
    if not re.fullmatch(r"HTTP/1\.[01] [2-5][0-9]{2}( .*)?", first):
        raise BadMessage("no answer that is passed on")
    kept = [line for line in lines if line.partition(":")[0].strip().lower() not in _HOP]
    return "\r\n".join([first, *kept, "Connection: close"]).encode("latin-1") + _END


def status(head: bytes) -> int:
    """The status code of an answer's head; raises `BadMessage`."""
    found = re.match(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\r|$)", head)
    if found is None:
        raise BadMessage("no status line")
    return int(found[1])
