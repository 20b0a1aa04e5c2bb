"""Posting news to an address that a user gave: signed as Standard Webhooks says, and never to a private network.

The name is looked up once; every address it has must be public, and the connection goes to one of those that were
looked at, so that a name which changes its answer in between leads nowhere else. Redirects are failures.
One deadline holds for all of it: the look-up, the handshake, and an answer that drips.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, SimpleQueue
from typing import Any, Final
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from django.conf import settings
from standardwebhooks.webhooks import Webhook

from kapture.core.dryrun import stop_before_call
from kapture.core.errors import InvalidInput, VendorFailed
from kapture.gateways.egress import MAX_URL_LENGTH, PORTS, check_url, is_public

SERVICE: Final = "webhook"
SECONDS: Final = 10.0
MOST_READ: Final = 64 << 10
GONE: Final = 410
# What RFC 3986 lets stand in a path or query; the % stays, so that what is encoded already is not encoded twice.
PLAIN: Final = "!$%&'()*+,/:;=?@[]~"
Resolve = Callable[[str, int], list[str]]


def check_target(url: str) -> str:
    """The address in one plain spelling, all of it ASCII; raises `InvalidInput` for one that must not be posted to.

    Only https is, since what is posted names people's posts; `EGRESS_ALLOW` excepts addresses of tests and sandboxes.
    """
    parts = urlsplit(check_url(url, allow=settings.EGRESS_ALLOW))
    if parts.scheme != "https" and _pair(parts) not in settings.EGRESS_ALLOW:
        raise InvalidInput({"url": ["Alerts are posted over https:// only."]})
    # Letters of other scripts are written as browsers send them: HTTP has no other spelling for them.
    plain = parts._replace(path=quote(parts.path, safe=PLAIN), query=quote(parts.query, safe=PLAIN))
    spelt = urlunsplit(plain)
    if len(spelt) > MAX_URL_LENGTH:
        raise InvalidInput({"url": [f"The link is longer than {MAX_URL_LENGTH:,} characters when it is encoded."]})
    return spelt


def _pair(parts: SplitResult) -> str:
    """The host and port as EGRESS_ALLOW names them."""
    host = parts.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or PORTS[parts.scheme]}"


def _lookup(host: str, port: int) -> list[str]:
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: `id` is the same in every attempt, so that the receiver can tell repetitions."""

    id: str
    body: bytes
    at: datetime

    def headers(self, secret: str) -> dict[str, str]:
        """What goes with the body (standardwebhooks.com, version 1.0.0)."""
        return {
            "content-type": "application/json",
            "user-agent": "Kapture-Webhooks/1",
            "webhook-id": self.id,
            "webhook-timestamp": str(int(self.at.timestamp())),
            "webhook-signature": Webhook(secret).sign(self.id, self.at, self.body.decode()),
        }


def post(url: str, secret: str, message: Message, *, seconds: float = SECONDS, resolve: Resolve = _lookup) -> int:
    """Post a message and answer the status, which is one of success; `VendorFailed` says what else happened.

    All of it, the look-up of the name included, takes ten seconds at most (`seconds`), and no more than 64 KiB of the
    answer is read.
    """
    stop_before_call(SERVICE)
    plain = urlsplit(check_target(url))
    host, port = plain.hostname or "", plain.port or PORTS[plain.scheme]
    deadline = _Deadline(host, seconds)
    addresses = _resolved(resolve, host, port, deadline)
    if _pair(plain) not in settings.EGRESS_ALLOW and not all(map(is_public, addresses)):
        raise VendorFailed(SERVICE, "private_address", f"{host} leads into a private network.")
    with _Connection(addresses[0], host, port, deadline, secure=plain.scheme == "https") as connection:
        path = f"{plain.path or '/'}{f'?{plain.query}' if plain.query else ''}"
        status = connection.post(path, message.body, message.headers(secret))
    if not 200 <= status < 300:
        words = "sent a redirect, which is not followed" if 300 <= status < 400 else "refused the message"
        raise VendorFailed(SERVICE, f"answered_{status}", f"{host} {words} ({status}).", retryable=status != GONE)
    return status


class _Deadline:
    """When a message must have been taken, and what is said when it was not."""

    def __init__(self, host: str, seconds: float) -> None:
        self.host, self.seconds = host, seconds
        self.end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left; raises `VendorFailed` when none are."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> VendorFailed:
        """It is over."""
        words = f"{self.host} did not answer within {self.seconds:g} seconds."
        return VendorFailed(SERVICE, "too_slow", words, retryable=True)


def _resolved(resolve: Resolve, host: str, port: int, deadline: _Deadline) -> list[str]:
    """Every address of a name, in time."""
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(host, port))
        except OSError as error:
            answers.put(error)

    # The system's look-up knows no deadline: it is left behind, and ends by itself.
    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except Empty:
        raise deadline.passed() from None
    if isinstance(answer, OSError):
        raise VendorFailed(SERVICE, "no_address", f"{host} has no address.", retryable=True) from answer
    return answer


class _Connection:
    """One request to one address that was looked at, within what is left of the deadline."""

    def __init__(self, address: str, host: str, port: int, deadline: _Deadline, *, secure: bool) -> None:
        self.address, self.host, self.deadline = address, host, deadline
        self.late = threading.Event()
        self.held: socket.socket | None = None
        left = deadline.left()
        made: HTTPConnection = (
            HTTPSConnection(host, port, timeout=left, context=ssl.create_default_context())
            if secure
            else HTTPConnection(host, port, timeout=left)
        )
        # The name stays for the certificate and the Host header; what is connected to is the address.
        made._create_connection = self._connect  # type: ignore[attr-defined]
        self.http = made
        self.timer = threading.Timer(left, self._hang_up)
        self.timer.daemon = True

    def __enter__(self) -> "_Connection":
        self.timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()
        self.http.close()
        if self.held is not None:
            self.held.close()

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        """Send it and answer the status, when some of the answer was read."""
        try:
            status = self._exchange(path, body, headers)
        except (OSError, HTTPException) as error:
            # Asked first: a connection that was hung up looks like one that broke, in TLS like a forged one.
            if self.late.is_set() or isinstance(error, TimeoutError):
                raise self.deadline.passed() from error
            if isinstance(error, ssl.SSLError):
                words = f"{self.host} has no valid certificate."
                raise VendorFailed(SERVICE, "no_trust", words, retryable=True) from error
            raise VendorFailed(SERVICE, "no_answer", f"{self.host} did not answer.", retryable=True) from error
        if self.late.is_set():
            raise self.deadline.passed()
        return status

    def _exchange(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        self.http.connect()
        self.http.request("POST", path, body=body, headers=headers)
        with self.http.getresponse() as answer:
            answer.read(MOST_READ)
            return answer.status

    def _connect(self, target: tuple[str, int], *_: Any) -> socket.socket:
        sock = socket.create_connection((self.address, target[1]), timeout=self.deadline.left())
        # A handle of our own: TLS takes the first one over, and the library lets go of it while an answer is read.
        self.held = sock.dup()
        # The time may have ended before there was anything to hang up.
        if self.late.is_set():
            sock.close()
            raise self.deadline.passed()
        return sock

    def _hang_up(self) -> None:
        """End a connection whose time is over, in the middle of whatever it waits for."""
        self.late.set()
        if self.held is not None:
            with suppress(OSError):
                self.held.shutdown(socket.SHUT_RDWR)
