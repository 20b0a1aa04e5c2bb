"""What may go through one proxy: bytes in all, and time."""

import threading
import time
from dataclasses import dataclass
from typing import Final

# What pages, playlists and players may take before media is chosen.
LOOK_BYTES: Final = 32 << 20
# Who watches ends the work by the name of what went wrong; the way out closes later, should nobody watch any more.
CLOSES_AFTER: Final = 5.0
# How long a transfer waits to hear that looking is over before it counts as one that never ends.
WIDEN_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Caps:
    """Bytes while looking and in all, and seconds: to connect, without a byte, and altogether."""

    look_bytes: int = LOOK_BYTES
    max_bytes: int = LOOK_BYTES
    connect_seconds: float = 10.0
    idle_seconds: float = 60.0
    seconds: float = 1800.0
    connections: int = 32


class Spent(Exception):
    """More bytes came than one fetch may take."""


class Budget:
    """Counts the bytes of all connections of one fetch; safe to use from many threads."""

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self.used = 0
        self.is_spent = False
        self.until = time.monotonic() + caps.seconds
        self._most = min(caps.look_bytes, caps.max_bytes)
        self._changed = threading.Condition()

    def widen(self) -> None:
        """Looking is over: from here on the whole amount may come."""
        with self._changed:
            self._most = self.caps.max_bytes
            self._changed.notify_all()

    def spend(self, count: int) -> None:
        """Note bytes that came; raises `Spent` when they are too many."""
        with self._changed:
            self.used += count
            if self.used > self._most and self._most < self.caps.max_bytes:
                # The word that looking is over may still be under way.
                self._changed.wait_for(lambda: self.used <= self._most, WIDEN_SECONDS)
            if self.used > self._most:
                self.is_spent = True
                raise Spent(f"{self.used} bytes")

    def left(self, seconds: float) -> float:
        """`seconds`, or what is left of the whole time when that is less; raises TimeoutError when nothing is."""
        left = min(seconds, self.until - time.monotonic())
        if left <= 0:
            raise TimeoutError("the time of this fetch is over")
        return left
