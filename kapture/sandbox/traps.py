"""More of what a downloader must survive: answers without end or of senseless size, and files that carry too much."""

import gzip
import struct
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image

from kapture.sandbox.messages import Request, Response

Trap = Callable[[Request], Response]
HLS = "application/vnd.apple.mpegurl"
MANY = 10_000
ENTRIES = 100_000
LINES = 1 << 22
NAMES = ("../../x", "-rf", "$(id)", "a\x00b", "x" * 4_000, "a.desktop", "b.html", "c.svg", "con")


def traps(start: Callable[[], Path], bomb: Callable[[], bytes]) -> Mapping[str, Trap]:
    """One answer for each name; `start` is the path of a small valid mp4, `bomb` a gibibyte of blanks as gzip."""
    return {
        "bomb.mp4": lambda _: _zipped(bomb(), "video/mp4"),
        "bomb.m3u8": lambda _: _zipped(_packed(b"#EXTM3U\n" + b"#EXTINF:1,\na.ts\n" * LINES), HLS),
        "many-segments.m3u8": lambda _: Response.text(_many(), HLS),
        "self.m3u8": lambda _: Response.text(f"#EXTM3U\n{_variant('self.m3u8')}", HLS),
        "self-segment.m3u8": lambda _: Response.text(_ended(["self-segment.m3u8"] * 50), HLS),
        "segment.ts": lambda _: Response(200, {"content-type": "video/mp2t"}, (b"\x47" + bytes(187)) * 300),
        "many-entries": lambda _: _page("".join(f'<video src="/hostile/{n}.mp4"></video>' for n in range(ENTRIES))),
        "entities.mpd": lambda _: Response.text(_entities("MPD"), "application/dash+xml"),
        "entities.svg": lambda _: Response.text(_entities("svg"), "image/svg+xml"),
        "huge.png": lambda _: Response(200, {"content-type": "image/png"}, _huge_png()),
        "names": lambda request: _page(f'<video src="/hostile/start.mp4"></video><h1>{_name(request)}</h1>', request),
        "start.mp4": lambda request: _named(start().read_bytes(), request),
        "located.jpg": lambda _: Response(200, {"content-type": "image/jpeg"}, located()),
        "page-without-end": lambda _: Response(200, {"content-type": "text/html"}, _for_ever()),
        "cookie": lambda request: Response(
            302,
            {"location": request.query.get("to", "/hostile/canary"), "set-cookie": "session=secret; Path=/"},
        ),
    }


def _zipped(body: bytes, content_type: str) -> Response:
    return Response(200, {"content-type": content_type, "content-encoding": "gzip"}, body)


@lru_cache(maxsize=1)
def _packed(text: bytes) -> bytes:
    return gzip.compress(text, 1)


def _many() -> str:
    return _ended([f"segment.ts?{number}" for number in range(MANY)])


def _ended(places: list[str]) -> str:
    segments = "".join(f"#EXTINF:1,\n{place}\n" for place in places)
    return f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n{segments}#EXT-X-ENDLIST\n"


def _variant(place: str) -> str:
    return f"#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=320x240\n{place}\n"


def _entities(root: str) -> str:
    """Ten entities, each ten times the one before: a billion words in a kilobyte."""
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    told = f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY e0 "kapture">{nested}]>'
    return f"{told}<{root}><Period><AdaptationSet mimeType='video/mp4'>&e9;</AdaptationSet></Period></{root}>"


def _huge_png() -> bytes:
    """The head of a picture of 65,535 by 65,535 pixels."""
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">IIBBBBB", 65_535, 65_535, 8, 2, 0, 0, 0) + bytes(8)


def _name(request: Request) -> str:
    number = request.query.get("n", "0")
    return NAMES[int(number) % len(NAMES)] if number.isdigit() else NAMES[0]


def _page(body: str, request: Request | None = None) -> Response:
    title = _name(request) if request is not None else "A page"
    page = f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"
    return Response.text(page, "text/html; charset=utf-8")


def _named(body: bytes, request: Request) -> Response:
    """A film that would like to be saved under another name."""
    name = _name(request).replace("\x00", "").encode("ascii", "ignore").decode()
    return Response(200, {"content-type": "video/mp4", "content-disposition": f'attachment; filename="{name}"'}, body)


@lru_cache(maxsize=1)
def located() -> bytes:
    """A picture that says where it was taken."""
    image, kept = Image.new("RGB", (64, 48), "teal"), BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    image.save(kept, "JPEG", exif=exif)
    return kept.getvalue()


def _for_ever() -> Iterator[bytes]:
    yield b"<!doctype html><title>A page</title>"
    while True:
        yield b"<p>" + b"word " * 8_000 + b"</p>"
