"""What a downloader must survive: endless and exploding bodies, playlists in disguise, ways to internal addresses."""

import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from kapture.sandbox.messages import Ending, Request, Response
from kapture.sandbox.traps import traps

INTERNAL = "http://169.254.169.254/latest/meta-data/"
BOMB_BYTES = 1 << 30
_BLOCK = 64 << 10
_M3U8 = "application/vnd.apple.mpegurl"

Start = Callable[[], Path]
Trick = Callable[[Request], Response]


class Tricks:
    """One answer for each name under /hostile/; `start` is the path of a small valid mp4."""

    def __init__(self, start: Start, closing: threading.Event) -> None:
        self._start = start
        self._closing = closing
        self.all: dict[str, Trick] = {
            "endless": self._endless,
            "gzip-bomb": self._bomb,
            "wrong-length.mp4": self._wrong_length,
            "playlist-as.mp4": lambda request: Response.text(_playlist(request), "video/mp4"),
            "concat-as.mp4": lambda _: Response.text("ffconcat version 1.0\nfile /etc/passwd\n", "video/mp4"),
            "html-as.mp4": lambda _: Response.text("<!doctype html><script>location='/'</script>", "video/mp4"),
            "internal.m3u8": lambda request: Response.text(_playlist(request), _M3U8),
            "live.m3u8": lambda _: Response.text(_LIVE, _M3U8),
            "redirect-internal": lambda _: moved(INTERNAL),
            "redirect-file": lambda _: moved("file:///etc/passwd"),
            "redirect-loop": lambda _: moved("/hostile/redirect-loop"),
            "meta-refresh": lambda _: _html(f'<meta http-equiv="refresh" content="0;url={INTERNAL}">'),
            "internal-video": lambda _: _html(f'<meta property="og:video" content="{INTERNAL}a.mp4">'),
            **traps(start, bomb),
            "canary": lambda _: Response.text("canary: this address should not be reached"),
        }

    def _endless(self, request: Request) -> Response:
        """A video that never ends."""
        return Response(200, {"content-type": "video/mp4"}, self._for_ever())

    def _for_ever(self) -> Iterator[bytes]:
        yield self._start().read_bytes()
        while not self._closing.is_set():
            yield bytes(_BLOCK)

    def _bomb(self, request: Request) -> Response:
        """A page of one gibibyte in about a mebibyte of gzip."""
        headers = {"content-type": "text/html; charset=utf-8", "content-encoding": "gzip"}
        return Response(200, headers, bomb())

    def _wrong_length(self, request: Request) -> Response:
        """A file that breaks off after half of what it announced."""
        body = self._start().read_bytes()
        return Response(200, {"content-type": "video/mp4"}, [body], len(body) * 2, Ending.CLOSE)


def moved(target: str, status: int = 302) -> Response:
    """A redirect to anywhere, unchecked: that is what the guards of the product are for."""
    return Response(status, {"location": target, "content-type": "text/plain"})


@lru_cache(maxsize=1)
def bomb() -> bytes:
    """`BOMB_BYTES` spaces as gzip: one flushed block, as often as it takes."""
    block = b" " * (16 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    times, check = BOMB_BYTES // len(block), 0
    for _ in range(times):
        check = zlib.crc32(block, check)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    return head + packed * times + end + struct.pack("<II", check, BOMB_BYTES & 0xFFFFFFFF)


def _html(meta: str) -> Response:
    page = f"<!doctype html><html><head><title>A page</title>{meta}</head><body>Moment, please.</body></html>"
    return Response.text(page, "text/html; charset=utf-8")


def _playlist(request: Request) -> str:
    """Segments inside the network, on this machine and in its files; the canary tells whether one was followed."""
    host = request.headers.get("host", "127.0.0.1")
    places = (INTERNAL, "http://127.0.0.1:1/", "http://[::1]:1/", "file:///etc/passwd", f"http://{host}/hostile/canary")
    segments = "".join(f"#EXTINF:2,\n{place}\n" for place in places)
    return f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n{segments}#EXT-X-ENDLIST\n"


_LIVE = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n#EXTINF:2,\n/hostile/endless\n"
