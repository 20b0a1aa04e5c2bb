"""What happened in the account, in the order it happened."""

import copy
import threading
from collections.abc import Callable

from kapture.sandbox.stripe.store import Obj, Store, new_id, shown

API_VERSION = "2026-10-28.endive"


class Events:
    """Notes events and hands each to `send`, which must not wait."""

    def __init__(self, store: Store, send: Callable[[str], None]) -> None:
        self._store = store
        self._send = send
        self._cause = threading.local()

    def because_of(self, request_id: str | None, key: str | None) -> None:
        """Name the API request of this thread, which events tell as their cause; None for a page or the clock."""
        self._cause.told = {"id": request_id, "idempotency_key": key}

    def emit(self, kind: str, obj: Obj, previous: Obj | None = None) -> Obj:
        """Note that something happened to an object; `previous` holds the old values of what changed."""
        data: Obj = {"object": copy.deepcopy(shown(obj))}
        if previous is not None:
            data["previous_attributes"] = previous
        event = self._store.add(
            {
                "id": new_id("evt_1"),
                "object": "event",
                "api_version": API_VERSION,
                "created": self._store.now(),
                "data": data,
                "livemode": False,
                "pending_webhooks": 1,
                "request": getattr(self._cause, "told", {"id": None, "idempotency_key": None}),
                "type": kind,
                "_delivered": False,
                "_tries": [],
            }
        )
        self._send(event["id"])
        return event

    def change(self, kind: str, obj: Obj, **changes: object) -> Obj:
        """Write new values and note the change; nothing is noted when nothing changes."""
        previous = {name: copy.deepcopy(obj.get(name)) for name, value in changes.items() if obj.get(name) != value}
        obj.update(changes)
        if previous:
            self.emit(kind, obj, previous)
        return obj
