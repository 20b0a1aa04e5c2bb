"""What a process that fetches is told about its walls, as the first line it reads."""

import json
import os
from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import urlsplit

# yt-dlp and the JavaScript runtime both take their proxy from these.
PROXY_NAMES: Final = ("http_proxy", "https_proxy")
USER: Final = "fetch"


@dataclass(frozen=True, slots=True)
class Walls:
    """The walls of one process.

    With `network` it gets a network of its own, where it listens itself and sends the socket through the descriptor
    `control`; otherwise `port` is where the proxy listens. Without `password` there is no way out at all. `user` is the
    user id it takes, `files` whether the kernel keeps it from all files but those it works with, and
    `niceness` how far it steps back for others.
    """

    network: bool = False
    user: int | None = None
    files: bool = False
    password: str = ""
    control: int = -1
    port: int = 0
    niceness: int = 0

    def line(self) -> bytes:
        """The one line that the process reads."""
        return json.dumps(asdict(self)).encode() + b"\n"


def read_walls(line: bytes) -> Walls:
    """The walls of a line."""
    return Walls(**json.loads(line))


def way_out() -> frozenset[tuple[str, int]]:
    """The address of the proxy, the only one that this process may connect to; raises KeyError where there is none."""
    parts = urlsplit(os.environ[PROXY_NAMES[0]])
    return frozenset({(str(parts.hostname), int(parts.port or 0))})
