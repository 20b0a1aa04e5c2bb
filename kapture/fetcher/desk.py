"""The downloads that the service has in hand: started once, forgotten when they are over or nobody asks any more."""

import logging
import shutil
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Final

from kapture.fetcher.order import Order
from kapture.gateways.media import engine
from kapture.gateways.media.types import About, FetchRequest

# Finished ones wait for their callers beside the running ones.
KEPT_FACTOR: Final = 4
# Keys of what is over, so that a start which arrives late does not start it again.
REMEMBERED: Final = 1_000
END_SECONDS: Final = 8.0

logger = logging.getLogger(__name__)


class Full(Exception):
    """All places are taken; another moment may find one free."""


class Other(Exception):
    """The key is that of another order."""


class Gone(Exception):
    """What had this key is over and forgotten."""


class Desk:
    """All orders of this process, `places` of which run at once; `forget_seconds` without a question end one."""

    def __init__(self, root: Path, places: int, forget_seconds: float) -> None:
        self.root, self.places, self.forget_seconds = root, places, forget_seconds
        self._orders: dict[str, Order] = {}
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self._looks = threading.BoundedSemaphore(places)

    def start(self, key: str, request: FetchRequest) -> Order:
        """The order of this key, which runs now if it did not before; raises `Full`, `Other` or `Gone`."""
        with self._lock:
            if key in self._gone:
                raise Gone
            order = self._orders.get(key)
            if order is None:
                if self._running() >= self.places or len(self._orders) >= KEPT_FACTOR * self.places:
                    raise Full
                order = self._orders[key] = Order(key, request, self.root / key)
                order.start()
            elif order.request != request:
                raise Other
        order.touch()
        return order

    def find(self, key: str) -> Order | None:
        """The order of a key, which somebody asks about; None when there is none."""
        with self._lock:
            order = self._orders.get(key)
        if order is not None:
            order.touch()
        return order

    def forget(self, key: str) -> None:
        """End the order of a key if there is one: when this returns its processes and its files are gone."""
        with self._lock:
            self._gone[key] = None
            while len(self._gone) > REMEMBERED:
                self._gone.popitem(last=False)
            order = self._orders.get(key)
        if order is None:
            return
        if not order.end(END_SECONDS):
            logger.error("an order does not end: %s", key)
            return
        shutil.rmtree(order.folder, ignore_errors=True)
        with self._lock:
            self._orders.pop(key, None)

    def look(self, url: str, seconds: float) -> About:
        """What is at an address; raises `FetchFailed`, and `Full` while as many looks run as there are places."""
        if not self._looks.acquire(blocking=False):
            raise Full
        try:
            return engine.preview(url, max_seconds=seconds)
        finally:
            self._looks.release()

    def sweep(self) -> None:
        """End what nobody has asked about for too long: its caller is dead."""
        now = time.monotonic()
        with self._lock:
            lost = [key for key, order in self._orders.items() if now - order.asked > self.forget_seconds]
        for key in lost:
            logger.warning("nobody asks any more: %s", key)
            self.forget(key)

    def standing(self) -> dict[str, int]:
        """How many orders run, how many finished ones wait, and how many places there are."""
        with self._lock:
            running = self._running()
            return {"places": self.places, "running": running, "waiting": len(self._orders) - running}

    def _running(self) -> int:
        return sum(not order.over.is_set() for order in self._orders.values())
