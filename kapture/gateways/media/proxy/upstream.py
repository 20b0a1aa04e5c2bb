"""A proxy of somebody else behind ours: reached by its operator's setting, told where to go by the vetted address."""

import base64
import contextlib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from kapture.gateways.media.proxy.heads import BadMessage, read_head, status
from kapture.gateways.media.proxy.verdicts import Way

Dial = Callable[[str, int], socket.socket]


class UpstreamFailed(OSError):
    """The upstream proxy itself did not work: no connection, no understandable answer, or it does not know us."""


class TargetFailed(OSError):
    """The upstream proxy works, and says that the target does not."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """One upstream proxy; `names_only` marks a stand-in of the outside world, which is told names, not addresses."""

    host: str
    port: int
    tls: bool = False
    credentials: str = field(default="", repr=False)
    names_only: bool = False

    @property
    def shown(self) -> str:
        """Host and port, without credentials."""
        return f"{self.host}:{self.port}"

    def connect(self, way: Way, dial: Dial) -> socket.socket:
        """A connection to the target through this proxy; raises `UpstreamFailed` and `TargetFailed`."""
        with contextlib.ExitStack() as stack:
            try:
                sock = stack.enter_context(self._open(dial))
                sock.sendall(self._ask(way))
                head, rest = read_head(sock)
                answer = status(head)
            except (OSError, BadMessage) as error:
                raise UpstreamFailed(f"{self.shown}: {error}") from error
            if answer == 407 or rest:
                raise UpstreamFailed(f"{self.shown}: status {answer}")
            if answer != 200:
                raise TargetFailed(f"{self.shown}: status {answer}")
            stack.pop_all()
            return sock

    def _open(self, dial: Dial) -> socket.socket:
        sock = dial(self.host, self.port)
        if not self.tls:
            return sock
        try:
            return ssl.create_default_context().wrap_socket(sock, server_hostname=self.host)
        except OSError:
            sock.close()
            raise

    def _ask(self, way: Way) -> bytes:
        # The address and not the name: a second look-up over there could lead elsewhere.
        host = way.addresses[0] if way.addresses else way.host
        target = f"[{host}]:{way.port}" if ":" in host else f"{host}:{way.port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self.credentials:
            lines.append(f"Proxy-Authorization: Basic {self.credentials}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")


def parse(text: str, *, names_only: bool = False) -> Upstream:
    """The proxy of an address such as `http://user:password@host:3128`; raises ValueError, which never repeats it."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("a proxy must be an address such as http://user:password@host:3128") from None
    if parts.scheme not in ("http", "https") or not host or parts.path not in ("", "/") or parts.query:
        raise ValueError("a proxy must be an address such as http://user:password@host:3128")
    known = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        known = base64.b64encode(pair.encode()).decode("ascii")
    tls = parts.scheme == "https"
    return Upstream(host, port or (443 if tls else 80), tls, known, names_only)
