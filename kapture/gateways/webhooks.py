"""Posting news to an address that a user gave: signed as Standard Webhooks says, and never to a private network.

The name is looked up once; every address it has must be public, and the connection goes to one of those that were
looked at, so that a name which changes its answer in between leads nowhere else. Redirects are failures.
"""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from standardwebhooks.webhooks import Webhook

from kapture.core.dryrun import stop_before_call
from kapture.core.errors import VendorFailed
from kapture.gateways.egress import PORTS, check_url, is_public

SERVICE: Final = "webhook"
SECONDS: Final = 10.0
MOST_READ: Final = 64 << 10
GONE: Final = 410
Resolve = Callable[[str, int], list[str]]


def check_target(url: str) -> str:
    """The address in one plain spelling; raises `InvalidInput` for one that must not be posted to."""
    return check_url(url, allow=settings.EGRESS_ALLOW)


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

    All of it takes ten seconds at most, and no more than 64 KiB of the answer is read.
    """
    stop_before_call(SERVICE)
    plain = urlsplit(check_target(url))
    host, port = plain.hostname or "", plain.port or PORTS[plain.scheme]
    address = _allowed(host, port, resolve)
    with _Connection(address, host, port, seconds, secure=plain.scheme == "https") as connection:
        path = f"{plain.path or '/'}{f'?{plain.query}' if plain.query else ''}"
        status = connection.post(path, message.body, message.headers(secret))
    if not 200 <= status < 300:
        words = "sent a redirect, which is not followed" if 300 <= status < 400 else "refused the message"
        raise VendorFailed(SERVICE, f"answered_{status}", f"{host} {words} ({status}).", retryable=status != GONE)
    return status


def _allowed(host: str, port: int, resolve: Resolve) -> str:
    """The address to connect to; every address of the name must be allowed, or none is used."""
    try:
        addresses = resolve(host, port)
    except OSError as error:
        raise VendorFailed(SERVICE, "no_address", f"{host} has no address.", retryable=True) from error
    shown = f"[{host}]" if ":" in host else host
    if f"{shown}:{port}" not in settings.EGRESS_ALLOW and not all(map(is_public, addresses)):
        raise VendorFailed(SERVICE, "private_address", f"{host} leads into a private network.")
    return addresses[0]


class _Connection:
    """One request to one address that was looked at, within one deadline."""

    def __init__(self, address: str, host: str, port: int, seconds: float, *, secure: bool) -> None:
        self.host, self.seconds = host, seconds
        self.late = threading.Event()
        self.sock: socket.socket | None = None
        made: HTTPConnection = (
            HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
            if secure
            else HTTPConnection(host, port, timeout=seconds)
        )
        # The name stays for the certificate and the Host header; what is connected to is the address.
        made._create_connection = partial(_connect, address)  # type: ignore[attr-defined]
        self.http = made
        self.timer = threading.Timer(seconds, self._hang_up)

    def __enter__(self) -> "_Connection":
        self.timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()
        self.http.close()

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        """Send it and answer the status, when some of the answer was read."""
        try:
            status = self._exchange(path, body, headers)
        except ssl.SSLError as error:
            raise VendorFailed(SERVICE, "no_trust", f"{self.host} has no valid certificate.", retryable=True) from error
        except (OSError, HTTPException) as error:
            if self.late.is_set() or isinstance(error, TimeoutError):
                raise self._too_late() from error
            raise VendorFailed(SERVICE, "no_answer", f"{self.host} did not answer.", retryable=True) from error
        if self.late.is_set():
            raise self._too_late()
        return status

    def _exchange(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        self.http.connect()
        # Kept here as well, because the library lets go of it while an answer is still read.
        self.sock = self.http.sock
        self.http.request("POST", path, body=body, headers=headers)
        with self.http.getresponse() as answer:
            answer.read(MOST_READ)
            return answer.status

    def _too_late(self) -> VendorFailed:
        words = f"{self.host} did not answer within {self.seconds:g} seconds."
        return VendorFailed(SERVICE, "too_slow", words, retryable=True)

    def _hang_up(self) -> None:
        """End a connection whose time is over, in the middle of whatever it waits for."""
        self.late.set()
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _connect(address: str, target: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
    return socket.create_connection((address, target[1]), *args, **kwargs)
