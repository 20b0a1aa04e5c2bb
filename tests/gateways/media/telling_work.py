"""What a process that was forked tells of itself: the work that `test_forking` has done."""

import json
import os
import sys
from pathlib import Path


def main() -> int:
    """Tell everything on one line; end with the code that the next line of standard input asks for."""
    descriptors = sorted(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
    told = {
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "group": os.getpgrp() == os.getpid(),
        "descriptors": [one for one in descriptors if Path(f"/proc/self/fd/{one}").exists()],
        "loaded": "yt_dlp" in sys.modules,
        "threads": len(list(Path("/proc/self/task").iterdir())),
    }
    print(json.dumps(told), flush=True)  # noqa: T201  # standard output is the answer
    return int(sys.stdin.buffer.readline())
