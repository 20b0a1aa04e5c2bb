"""The webhook sender: signs as Stripe does and sends over HTTP, again and again, or as a test wants it."""

import hashlib
import heapq
import hmac
import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kapture.sandbox.standin import Knob
from kapture.sandbox.stripe.store import Store, shown

TIMEOUT = 10.0
SHUFFLE_SECONDS = 0.3
MODES = ("on", "off", "manual")


@dataclass(frozen=True, order=True, slots=True)
class _Due:
    at: float
    number: int
    event: str
    attempt: int


class Sender:
    """Delivers events in threads of its own; `knob` gives the present setting of a knob."""

    def __init__(self, store: Store, knob: Callable[[str], Knob], closing: threading.Event) -> None:
        self._store, self._knob, self._closing = store, knob, closing
        self._wake = threading.Condition()
        self._waiting: list[_Due] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def queue(self, event: str, attempt: int = 0, wait: float | None = None) -> None:
        """See to it that an event is sent, unless deliveries are off or made by hand."""
        if self._knob("deliver") != "on" or not self._knob("webhook_url"):
            return
        if wait is None:
            wait = float(self._knob("delay")) + (random.uniform(0, SHUFFLE_SECONDS) if self._knob("shuffle") else 0)
        with self._wake:
            heapq.heappush(self._waiting, _Due(time.monotonic() + wait, next(self._numbers), event, attempt))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stripe-webhooks", daemon=True)
                self._thread.start()
            self._wake.notify()

    def resume(self) -> None:
        """Queue what was not delivered before the last stop."""
        with self._store.lock:
            ids = [event["id"] for event in self._store.oldest("event") if not event["_delivered"]]
        for ident in ids:
            self.queue(ident, wait=1.0)

    def forget(self) -> None:
        """Drop what waits to be sent."""
        with self._wake:
            self._waiting.clear()

    def close(self) -> None:
        """End the waiting thread; the closing event is set."""
        with self._wake:
            self._wake.notify()

    def deliver(self, ids: Sequence[str], *, copies: int, parallel: bool, gap: float) -> list[dict[str, Any]]:
        """Send chosen events in this order, `gap` seconds apart, and tell each answer's status (0: none)."""
        results = [{"id": ident, "status": 0} for ident in ids for _ in range(copies)]
        threads = []
        for place, result in enumerate(results):
            if place and gap:
                time.sleep(gap)
            if parallel:
                threads.append(threading.Thread(target=self._fill, args=[result], daemon=True))
                threads[-1].start()
            else:
                self._fill(result)
        for thread in threads:
            thread.join()
        return results

    def _fill(self, result: dict[str, Any]) -> None:
        result["status"] = self._send(result["id"])

    def _run(self) -> None:
        while not self._closing.is_set():
            with self._wake:
                now = time.monotonic()
                if not self._waiting or self._waiting[0].at > now:
                    self._wake.wait(min(1.0, self._waiting[0].at - now) if self._waiting else 1.0)
                    continue
                due = heapq.heappop(self._waiting)
            for copy in range(max(1, int(float(self._knob("copies"))))):
                # Only one of several copies is sent again when it fails.
                threading.Thread(target=self._try, args=[due, copy == 0], daemon=True).start()

    def _try(self, due: _Due, again: bool) -> None:
        delivered = 200 <= self._send(due.event) < 300
        if not delivered and again and due.attempt < float(self._knob("retries")):
            self.queue(due.event, due.attempt + 1, float(self._knob("retry_seconds")) * 2**due.attempt)

    def _send(self, ident: str) -> int:
        """Send one event once and note what became of it; the status, or 0 without an answer."""
        with self._store.lock:
            event = self._store.find("event", ident)
            if event is None:
                return 0
            body = json.dumps(shown(event), indent=2).encode()
        status = post(str(self._knob("webhook_url")), body, signature(body, str(self._knob("webhook_secret"))))
        with self._store.lock:
            event["_tries"].append(status)
            if 200 <= status < 300:
                event["_delivered"], event["pending_webhooks"] = True, 0
            self._store.save()
        return status


def signature(body: bytes, secret: str, at: int | None = None) -> str:
    """The `Stripe-Signature` of a body; signed at the present time of the world, whatever the account's clock says."""
    at = int(time.time()) if at is None else at
    return f"t={at},v1={hmac.new(secret.encode(), b'%d.%b' % (at, body), hashlib.sha256).hexdigest()}"


def post(url: str, body: bytes, signed: str) -> int:
    """The status of the answer, 0 when there is none; redirects are answers, as at Stripe."""
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    headers = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "stripe-signature": signed,
    }
    try:
        connection = make(parts.netloc, timeout=TIMEOUT)
        try:
            connection.request("POST", parts.path or "/", body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return 0
