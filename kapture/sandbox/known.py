"""The posts a stand-in has shown, so that a later look at one of them finds it again, also after a restart."""

import json
import re
import threading
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from kapture.sandbox.posts import Draft, Origin, drawn

_BETWEEN = re.compile(r"[/?=&~#]")


class Known:
    """Where each post comes from, by its platform's id; kept as lines of a file when there is one."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._origins: dict[tuple[str, str], Origin] = {}
        if file and file.exists():
            for line in file.read_text().splitlines():
                key, platform, keyword, slot, width = json.loads(line)
                self._origins[platform, key] = (platform, keyword, slot, width)

    def note(self, drafts: Iterable[Draft]) -> None:
        """Remember posts that are shown."""
        with self._lock:
            fresh = {(one.platform, one.key): one for one in drafts if (one.platform, one.key) not in self._origins}
            self._origins |= {key: one.origin for key, one in fresh.items()}
            if self._file and fresh:
                with self._file.open("a") as lines:
                    lines.writelines(json.dumps([one.key, *one.origin]) + "\n" for one in fresh.values())

    def find(self, platform: str, address: str) -> Draft | None:
        """The post whose id is a part of an address, or the address itself; None when it was never shown."""
        parts = _BETWEEN.split(unquote(address))
        origins = (self._origins.get((platform, part)) for part in parts)
        origin = next((found for found in origins if found), None)
        return drawn(*origin) if origin else None
