"""One connection of the client: read what it asks for, vet it, connect to that very address, and pass bytes."""

import hmac
import logging
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from kapture.gateways.media.proxy import relay
from kapture.gateways.media.proxy.budget import Budget, Spent
from kapture.gateways.media.proxy.heads import Ask, BadMessage, parse_ask, read_head
from kapture.gateways.media.proxy.notes import Notes
from kapture.gateways.media.proxy.upstream import Upstream, UpstreamFailed
from kapture.gateways.media.proxy.verdicts import Refused, Resolve, Unresolved, Way, judge, look_up

ANSWERS: Final = {
    200: "Connection established",
    403: "Refused address",
    407: "Unknown client",
    413: "Too much",
    502: "Unreachable",
    504: "Timed out",
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every connection of one fetch; `token` is what the client must know."""

    token: str
    allow: Collection[str]
    upstream: Upstream | None = None
    resolve: Resolve = look_up


class Connection:
    """Serves one request of the client, and no second."""

    def __init__(self, client: socket.socket, rules: Rules, budget: Budget, notes: Notes) -> None:
        self.client = client
        self.rules = rules
        self.budget = budget
        self.notes = notes
        self.remote: socket.socket | None = None
        # Once bytes of the target may have reached the client, all that is left to say is to close.
        self._is_answered = False

    def serve(self) -> None:
        """Do it all; every failure ends in an answer, a note where the fetch must hear of it, and a line in the log."""
        target, verdict, level = "-", "served", logging.INFO
        before = self.budget.used
        try:
            self.client.settimeout(self.budget.left(self.budget.caps.idle_seconds))
            head, begun = read_head(self.client)
            ask = self._parsed(head)
            target = f"{ask.host}:{ask.port}"
            self._pass(ask, begun)
        except Refused as error:
            verdict, level = f"refused: {error}", logging.WARNING
            self.notes.refuse(f"{target} {error}")
            self._answer(403)
        except (BadMessage, Unresolved, Spent, OSError) as error:
            verdict = f"{type(error).__name__}: {error}"
            self._answer(self._code(error))
        if target != "-" or self.notes.refused:
            logger.log(level, "way out: %s %s, %d bytes", target, verdict, self.budget.used - before)

    def _parsed(self, head: bytes) -> Ask:
        try:
            return parse_ask(head)
        except BadMessage as error:
            # Our client asks for well-formed addresses only, unless somebody made it ask for another.
            raise Refused(f"malformed request ({error})") from error

    def _pass(self, ask: Ask, begun: bytes) -> None:
        if not hmac.compare_digest(ask.header("proxy-authorization").encode(), self.rules.token.encode()):
            self._answer(407)
            return
        way = self._way(ask)
        remote = self._connect(way)
        for sock in (self.client, remote):
            sock.settimeout(self.budget.caps.idle_seconds)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if ask.is_tunnel:
            self._answer(200)
            relay.tunnel(self.client, remote, self.budget)
            return
        self._is_answered = True
        relay.exchange(self.client, remote, ask.head(), begun, ask.body, self.budget)

    def _way(self, ask: Ask) -> Way:
        upstream = self.rules.upstream
        return judge(
            ask.host,
            ask.port,
            allow=self.rules.allow,
            seconds=self.budget.left(self.budget.caps.connect_seconds),
            resolve=self.rules.resolve,
            names_only=upstream is not None and upstream.names_only,
        )

    def _connect(self, way: Way) -> socket.socket:
        """A connection to a vetted address, the first that answers; raises OSError."""
        upstream = self.rules.upstream
        if upstream is not None:
            try:
                self.remote = upstream.connect(way, self._dial)
            except UpstreamFailed:
                self.notes.upstream_failed()
                raise
            self.notes.upstream_worked()
            return self.remote
        failed: OSError = OSError("no address")
        for address in way.addresses:
            try:
                return self._dial(address, way.port)
            except OSError as error:
                failed = error
        raise failed

    def _dial(self, host: str, port: int) -> socket.socket:
        """Connect; the socket is known from the start, so that closing the proxy ends this too."""
        seconds = self.budget.left(self.budget.caps.connect_seconds)
        failed: OSError = OSError(f"{host} has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            self.remote = sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(seconds)
                sock.connect(address)
            except OSError as error:
                sock.close()
                failed = error
            else:
                return sock
        raise failed

    def _code(self, error: Exception) -> int:
        if isinstance(error, Spent):
            return 413
        return 504 if isinstance(error, TimeoutError) else 502

    def _answer(self, code: int) -> None:
        """Tell the client how it stands, once."""
        if self._is_answered:
            return
        self._is_answered = True
        size = "" if code == 200 else "Content-Length: 0\r\nConnection: close\r\n"
        try:
            self.client.sendall(f"HTTP/1.1 {code} {ANSWERS[code]}\r\n{size}\r\n".encode("ascii"))
        except OSError:
            return  # it hung up; there is nobody left to tell
