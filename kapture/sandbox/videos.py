"""The video site: pages, media, HLS, thumbnails, big and slow files, recorded media, and a corner that misbehaves."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from kapture.sandbox import pages
from kapture.sandbox.blobs import Blob, sent
from kapture.sandbox.clips import clip_of
from kapture.sandbox.hostile import Tricks, moved
from kapture.sandbox.media import FORMATS, HEIGHTS, Workshop
from kapture.sandbox.messages import BadRequestError, Request, Response
from kapture.sandbox.standin import Knob, Route, StandIn

MEGABYTE = 1_000_000
LARGEST_MB = 100
SLOW_BPS = 20_000
_HTML = "text/html; charset=utf-8"


class VideoStandIn(StandIn):
    """Any slug has a page and media; what is not made yet is waited for."""

    name = "video"
    knobs: ClassVar[dict[str, Knob]] = {
        "bytes_per_second": 0.0,  # how fast each media file is sent; 0 is as fast as it goes
    }

    def __init__(self, workshop: Workshop, recorded: Path | None = None, **knobs: Knob) -> None:
        self._workshop = workshop
        self._recorded = recorded.resolve() if recorded else None
        super().__init__(**knobs)
        self._tricks = Tricks(lambda: workshop.loop("lamp-amber", HEIGHTS[-1]), self.closing)

    def routes(self) -> Sequence[Route]:
        """Every path of the site."""
        return (
            Route("GET", "/", lambda request, _: Response.text(pages.index(_base(request)), _HTML)),
            Route("GET", "/watch/{slug}", self._watch),
            Route("GET", "/media/{slug}.vtt", self._captions),
            Route("GET", "/media/{slug}.{ending}", self._media),
            Route("GET", "/slow/{slug}.mp4", self._slow),
            Route("GET", "/hls/{slug}/master.m3u8", self._master),
            Route("GET", "/hls/{slug}/{height}/{part}", self._segment),
            Route("GET", "/thumb/{slug}.webp", self._thumbnail),
            Route("GET", "/avatar/{key}.webp", self._avatar),
            Route("GET", "/big/{size}mb.mp4", self._big),
            Route("GET", "/redirect", self._redirect),
            Route("GET", "/hostile/", self._hostile_list),
            Route("GET", "/hostile/{name}", self._hostile),
            Route("GET", "/recorded/{path...}", self._recorded_file),
        )

    def close(self) -> None:
        """Stop making media too."""
        super().close()
        self._workshop.close()

    def refuse(self, status: int, message: str) -> Response:
        """A small page."""
        return Response.text(pages.listing(message, [("/", "The video site")]), _HTML, status)

    def _watch(self, request: Request, names: dict[str, str]) -> Response:
        return Response.text(pages.watch(clip_of(names["slug"]), _base(request)), _HTML)

    def _captions(self, request: Request, names: dict[str, str]) -> Response:
        return Response.text(pages.captions(clip_of(names["slug"])), "text/vtt; charset=utf-8")

    def _media(self, request: Request, names: dict[str, str]) -> Response:
        clip = clip_of(names["slug"])
        if names["ending"] not in FORMATS or not clip.seconds:
            return self.refuse(404, "There is no such media.")
        return self._sent(request, self._workshop.file(clip, names["ending"]))

    def _slow(self, request: Request, names: dict[str, str]) -> Response:
        path = self._workshop.file(clip_of(names["slug"]), "mp4")
        return sent(request, Blob.of(path), request.number("bps", SLOW_BPS), self.closing)

    def _master(self, request: Request, names: dict[str, str]) -> Response:
        return Response.text(pages.master(HEIGHTS), "application/vnd.apple.mpegurl")

    def _segment(self, request: Request, names: dict[str, str]) -> Response:
        clip, known = clip_of(names["slug"]), {str(height): height for height in HEIGHTS}
        if names["height"] not in known or not clip.seconds:
            return self.refuse(404, "There is no such stream.")
        path = self._workshop.playlist(clip, known[names["height"]]).parent / names["part"]
        return self._sent(request, path) if path.is_file() else self.refuse(404, "There is no such segment.")

    def _thumbnail(self, request: Request, names: dict[str, str]) -> Response:
        return sent(request, Blob.of(self._workshop.picture(clip_of(names["slug"]))), 0, self.closing)

    def _avatar(self, request: Request, names: dict[str, str]) -> Response:
        if not names["key"].isalnum():
            return self.refuse(404, "There is no such picture.")
        return sent(request, Blob.of(self._workshop.avatar(names["key"][:40])), 0, self.closing)

    def _big(self, request: Request, names: dict[str, str]) -> Response:
        if not names["size"].isdigit() or not 1 <= int(names["size"]) <= LARGEST_MB:
            return self.refuse(404, f"There are files of 1 to {LARGEST_MB} MB.")
        path = self._workshop.padded(clip_of("big~~6"), int(names["size"]) * MEGABYTE)
        return sent(request, Blob.of(path, int(names["size"]) * MEGABYTE), request.number("bps", 0), self.closing)

    def _redirect(self, request: Request, _: dict[str, str]) -> Response:
        status = int(request.number("code", 302))
        if status not in (301, 302, 303, 307, 308):
            raise BadRequestError("code is one of 301, 302, 303, 307, 308.")
        return moved(request.query.get("to", "/"), status)

    def _hostile_list(self, request: Request, _: dict[str, str]) -> Response:
        rows = ((f"/hostile/{name}", name) for name in self._tricks.all)
        return Response.text(pages.listing("Things that misbehave", rows), _HTML)

    def _hostile(self, request: Request, names: dict[str, str]) -> Response:
        trick = self._tricks.all.get(names["name"])
        return trick(request) if trick else self.refuse(404, "There is no such trick.")

    def _recorded_file(self, request: Request, names: dict[str, str]) -> Response:
        path = (self._recorded / names["path"]).resolve() if self._recorded else None
        if path is None or self._recorded not in path.parents or not path.is_file():
            return self.refuse(404, "There is no such recorded file.")
        return self._sent(request, path)

    def _sent(self, request: Request, path: Path) -> Response:
        return sent(request, Blob.of(path), request.number("bps", self.seconds("bytes_per_second")), self.closing)


def _base(request: Request) -> str:
    return f"http://{request.headers.get('host', '127.0.0.1')}"
