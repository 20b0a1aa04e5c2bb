"""The webhook sender: signs in the way of Svix and sends over HTTP, again and again, or as a test wants it."""

import http.client
import json
import random
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from kapture.sandbox.clerk.store import Obj, Store, new_id, now_ms
from kapture.sandbox.standin import Knob

TIMEOUT = 10.0
SHUFFLE_SECONDS = 0.3


class Sender:
    """Tells the product what happened; `knob` gives the present setting of a knob."""

    def __init__(self, store: Store, knob: Callable[[str], Knob], closing: threading.Event) -> None:
        self._store, self._knob, self._closing = store, knob, closing

    def emit(self, kind: str, data: Obj) -> Obj:
        """Remember an event and, where deliveries are on, see to it that it is sent."""
        event = {
            "id": new_id("msg"),
            "delivered": 0,
            "answers": [],
            "body": json.dumps(
                {
                    "data": data,
                    "event_attributes": {"http_request": {"client_ip": "127.0.0.1", "user_agent": "sandbox"}},
                    "instance_id": "ins_sandbox",
                    "object": "event",
                    "timestamp": now_ms(),
                    "type": kind,
                }
            ),
        }
        with self._store.lock:
            self._store.events.append(event)
            self._store.save()
        if self._knob("deliver") and self._knob("webhook_url"):
            for copy in range(max(1, int(float(self._knob("copies"))))):
                threading.Thread(target=self._deliver, args=[event, copy == 0], daemon=True).start()
        return event

    def send(self, ids: Sequence[str], *, copies: int, parallel: bool, **signing: Any) -> list[Obj]:
        """Send chosen events in this order and tell each answer's status (0: none)."""
        with self._store.lock:
            known = {event["id"]: event for event in self._store.events}
        results: list[Obj] = [{"id": ident, "status": 0} for ident in ids for _ in range(copies)]

        def fill(result: Obj) -> None:
            result["status"] = self._send(known[result["id"]], **signing) if result["id"] in known else 0

        threads = [threading.Thread(target=fill, args=[result], daemon=True) for result in results]
        for thread in threads:
            thread.start()
            if not parallel:
                thread.join()
        for thread in threads:
            thread.join()
        return results

    def _deliver(self, event: Obj, again: bool) -> None:
        wait = float(self._knob("delay")) + (random.uniform(0, SHUFFLE_SECONDS) if self._knob("shuffle") else 0)
        for attempt in range(int(float(self._knob("retries"))) + 1 if again else 1):
            if self._closing.wait(wait) or 200 <= self._send(event) < 300:
                return
            wait = float(self._knob("retry_seconds")) * 2**attempt

    def _send(self, event: Obj, *, late_seconds: float = 0, secret: str = "") -> int:
        at = datetime.fromtimestamp(datetime.now(UTC).timestamp() - late_seconds, UTC)
        headers = signed(event["id"], event["body"], secret or str(self._knob("webhook_secret")), at)
        status = post(str(self._knob("webhook_url")), event["body"].encode(), headers)
        with self._store.lock:
            event["answers"].append(status)
            event["delivered"] += 200 <= status < 300
            self._store.save()
        return status


def signed(event_id: str, body: str, secret: str, at: datetime) -> dict[str, str]:
    """The headers of a delivery, made with the vendor's own helper."""
    signature = Webhook(secret).sign(event_id, at, body) if secret else "v1,"
    return {
        "content-type": "application/json",
        "user-agent": "Svix-Webhooks/1.0 (sandbox)",
        "svix-id": event_id,
        "svix-timestamp": str(int(at.timestamp())),
        "svix-signature": signature,
    }


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer, 0 when there is none; redirects are answers."""
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
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
