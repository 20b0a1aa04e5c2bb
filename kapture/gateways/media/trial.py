"""Tries the walls from inside: run by `walled` in place of a fetch, it tells which hold and what works behind them."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import certifi
import imageio_ffmpeg

from kapture.gateways.media.javascript import runtime

# TEST-NET-1 (RFC 5737): nobody is there.
NOWHERE = ("192.0.2.1", 80)
PROGRAM_SECONDS = 20.0


def main() -> int:
    """Print one JSON object; a program that does not start behind the walls ends this with an error."""
    Path("written").write_text("x")
    Path(certifi.where()).read_bytes()
    _version(str(imageio_ffmpeg.get_ffmpeg_exe()), "-version")
    javascript = runtime()
    told = {
        "network": _has_network(),
        "user": os.getuid(),
        "files": _reads_everything(),
        "javascript": _version(str(javascript), "--version") if javascript else "",
    }
    sys.stdout.write(json.dumps(told))
    return 0


def _version(program: str, flag: str) -> str:
    done = subprocess.run(
        [program, flag], capture_output=True, check=True, timeout=PROGRAM_SECONDS, stdin=subprocess.DEVNULL
    )
    return done.stdout.decode("utf-8", "replace").split("\n", 1)[0][:80]


def _has_network() -> bool:
    """Whether there is a route to anywhere; nothing is sent to find out."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        return sock.connect_ex(NOWHERE) == 0


def _reads_everything() -> bool:
    try:
        next(Path("/proc/self").iterdir(), None)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
