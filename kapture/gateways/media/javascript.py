"""The JavaScript runtime that yt-dlp needs for YouTube: without it most of its formats are missing."""

import sys
from pathlib import Path


def runtime() -> Path | None:
    """The deno that the project installs, beside its interpreter; None where it is missing."""
    path = Path(sys.executable).with_name("deno")
    return path if path.is_file() else None
