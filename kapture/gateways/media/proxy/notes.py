"""What a fetch must hear of its way out, whatever its client made of it."""

import threading


class Notes:
    """The first refusal of a fetch, and how the upstream proxy did; safe to use from many threads."""

    def __init__(self) -> None:
        self.refused = ""
        self.worked = 0
        self.failed = 0
        self._lock = threading.Lock()

    def refuse(self, what: str) -> None:
        """An address was asked for that must not be reached."""
        with self._lock:
            self.refused = self.refused or what[:500]

    def upstream_worked(self) -> None:
        """The upstream proxy let something through."""
        with self._lock:
            self.worked += 1

    def upstream_failed(self) -> None:
        """The upstream proxy itself failed."""
        with self._lock:
            self.failed += 1
