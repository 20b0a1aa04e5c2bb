"""The steps of one fetch inside its own process: look, download each part, bring them together, describe the result."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL
from yt_dlp.utils import YoutubeDLError

from kapture.gateways.media import announced, convert, extract, probe
from kapture.gateways.media.extract import Info
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.subtitles import Subtitles
from kapture.gateways.media.types import About, CaptionFile, Fetched, FetchRequest, MediaKind, Progress, Stage
from kapture.gateways.media.wire import Message
from kapture.gateways.media.ytdlp import downloader

CHUNK = 256 << 10
REPORT_SECONDS = 0.25
# Shares of the bar: downloading, then the work on the file.
DOWNLOADED = 0.9
ENCODED = 0.98


class Pull:
    """One fetch: holds what has arrived so far and says it through `emit`, at most four times a second."""

    def __init__(self, request: FetchRequest, scratch: Path, emit: Callable[[Message], None]) -> None:
        self.request = request
        self.scratch = scratch
        self.emit = emit
        self.stage = Stage.MEDIA
        self.before = 0  # bytes of the parts that are complete
        self.expected: int | None = None  # bytes of all parts together
        self.part, self.parts = 0, 1
        self._reported = 0.0

    def preview(self) -> About:
        """What is at the address, without fetching it."""
        with self._downloader() as ydl:
            info = extract.look(ydl, self.request.url)
            announced.ask(ydl, extract.chosen(info))
            return extract.about(info)

    def run(self) -> Fetched:
        """Fetch the media into the scratch folder; raises `FetchFailed` or what yt-dlp raises."""
        self._say(Progress(Stage.LOOKING), always=True)
        with self._downloader() as ydl:
            info = extract.look(ydl, self.request.url)
            about = extract.about(info)
            self.emit(about)
            if self.request.kind is MediaKind.IMAGE:
                return self._finish(about, self._picture(ydl, extract.picture_url(info)))
            path = self._convert(self._download(ydl, info))
            # Last, so that whatever a site does with its captions, the media is there already.
            return replace(self._finish(about, path), captions=self._captions(ydl, info))

    def _captions(self, ydl: YoutubeDL, info: Info) -> tuple[CaptionFile, ...]:
        if not self.request.subtitles:
            return ()
        self._say(Progress(Stage.CAPTIONS, ENCODED), always=True)
        return Subtitles(ydl, self.scratch, self.request.allow).fetch(info)

    def _downloader(self) -> YoutubeDL:
        return downloader(extract.options(self.request, self.scratch, self._hook))

    def _download(self, ydl: YoutubeDL, info: Info) -> list[Path]:
        formats = extract.chosen(info)
        extract.check_links(formats, self.request.allow)
        extract.check_ended(ydl, info, formats)
        self.expected = extract.announced_size(formats)
        self._check_size(self.expected or 0)
        self.parts = len(formats)
        paths = []
        for self.part, one in enumerate(formats):
            self.stage = self._stage_of(one) if self.parts > 1 else Stage.MEDIA
            # Said before the first block, so that a transfer which never gets that far is seen to stand still.
            self._say(
                Progress(self.stage, DOWNLOADED * self.part / self.parts, self.before, self.expected), always=True
            )
            path = self.scratch / f"part-{self.part}"
            done, _ = ydl.dl(str(path), {**info, "requested_formats": None, **one})
            if not done or not path.exists():
                # yt-dlp skips a file that announces more than the limit without raising.
                raise FetchFailed(Reason.TOO_LARGE if not path.exists() else Reason.UNREACHABLE)
            self.before += path.stat().st_size
            self._check_size(self.before)
            paths.append(path)
        return paths

    def _stage_of(self, one: Info) -> Stage:
        return Stage.AUDIO if one.get("vcodec") == "none" else Stage.VIDEO

    def _hook(self, status: Mapping[str, Any]) -> None:
        """Called by yt-dlp for each block; stops the transfer at the limit, whatever length was announced."""
        here = int(status.get("downloaded_bytes") or 0)
        self._check_size(self.before + here)
        total = status.get("total_bytes") or status.get("total_bytes_estimate")
        share = here / total if total else None
        if status.get("fragment_count"):
            share = (status.get("fragment_index") or 0) / status["fragment_count"]
        everything = self.expected or (self.before + int(total) if total and self.parts == 1 else None)
        self._say(
            Progress(
                stage=self.stage,
                fraction=None if share is None else DOWNLOADED * (self.part + min(share, 1.0)) / self.parts,
                size=self.before + here,
                total=everything,
                speed=status.get("speed"),
                eta=status.get("eta"),
            )
        )

    def _check_size(self, size: int) -> None:
        if size > self.request.limits.max_bytes:
            raise FetchFailed(Reason.TOO_LARGE, detail=f"{size} bytes")

    def _picture(self, ydl: YoutubeDL, url: str) -> Path:
        extract.check_links([{"url": url}], self.request.allow)
        path = self.scratch / "part-0"
        with ydl.urlopen(url) as response, path.open("wb") as file:
            while chunk := response.read(CHUNK):
                file.write(chunk)
                self._hook({"downloaded_bytes": file.tell()})
        container = probe.sniffed(path)
        if not container.is_image:
            raise FetchFailed(Reason.UNSUPPORTED, detail=f"a picture was wanted, {container.name} came")
        return path.rename(self.scratch / f"media{container.suffix}")

    def _convert(self, paths: list[Path]) -> Path:
        containers = [probe.sniffed(path) for path in paths]
        if any(container.is_image for container in containers):
            raise FetchFailed(Reason.UNSUPPORTED, detail="a still picture")
        parts = [
            convert.Part(path, container, probe.read_streams(path, container))
            for path, container in zip(paths, containers, strict=True)
        ]
        plan = convert.plan(self.request.kind, self.request.target, parts)
        stage = Stage.CONVERTING if plan.encodes else Stage.MERGING if len(parts) > 1 else Stage.CHECKING
        self._say(Progress(stage, DOWNLOADED), always=True)
        output = convert.run(
            plan,
            parts,
            self.scratch / f"media{plan.container.suffix}",
            lambda share: self._say(Progress(stage, DOWNLOADED + (ENCODED - DOWNLOADED) * share)),
        )
        for part in parts:
            part.path.unlink()
        return output

    def _finish(self, about: About, path: Path) -> Fetched:
        self._say(Progress(Stage.CHECKING, ENCODED), always=True)
        facts = probe.describe(path)
        self._check_size(facts.size)
        return Fetched(
            about, facts, path, probe.thumbnail(path, self.scratch / "thumbnail.webp") or self._poster(about)
        )

    def _poster(self, about: About) -> Path | None:
        """The site's own picture for a sound; a file without one is still good, so its absence is no failure."""
        if not about.poster_url:
            return None
        try:
            with self._downloader() as ydl:
                return probe.thumbnail(self._picture(ydl, about.poster_url), self.scratch / "thumbnail.webp")
        except (FetchFailed, YoutubeDLError):
            return None

    def _say(self, progress: Progress, *, always: bool = False) -> None:
        now = time.monotonic()
        if always or now - self._reported >= REPORT_SECONDS:
            self._reported = now
            self.emit(progress)
