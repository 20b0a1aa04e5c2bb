"""Media made once for the whole run, a site to serve it, and a shorthand for fetching."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from PIL import Image

from kapture.gateways.media import engine
from kapture.gateways.media.types import Fetched, FetchRequest, Limits, Progress
from tests.gateways.media.site import Site, running

PROJECT = Path(__file__).resolve().parents[3]
QUICK = Limits(max_bytes=64 << 20, max_seconds=60.0, slow_seconds=30.0, socket_seconds=5.0)
Fetch = Callable[..., Fetched]


def ffmpeg(*arguments: str) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments], check=True)


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of picture and sound in several files."""
    folder = tmp_path_factory.mktemp("media")
    picture = ("-f", "lavfi", "-i", "testsrc=size=320x240:rate=15:duration=2")
    sound = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2")
    clip = str(folder / "clip.mp4")
    ffmpeg(*picture, *sound, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest", clip)
    ffmpeg("-i", clip, "-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_list_size", "0", str(folder / "clip.m3u8"))
    ffmpeg("-i", clip, "-an", "-c", "copy", str(folder / "silent.mp4"))
    ffmpeg("-i", clip, "-vn", "-c", "copy", str(folder / "sound.m4a"))
    ffmpeg(*sound, "-c:a", "libmp3lame", str(folder / "sound.mp3"))
    ffmpeg(
        "-i",
        clip,
        "-vf",
        "scale=640:480",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-c:a",
        "copy",
        str(folder / "tall.mp4"),
    )
    Image.new("RGB", (120, 80), "teal").save(folder / "picture.png")
    Image.new("RGB", (60, 40), "orange").save(folder / "picture.jpg")
    return folder


@pytest.fixture
def recorded_media(recorded: Path) -> Path:
    """The folder of recorded media files; tests that need it are skipped where it is absent."""
    return recorded / "media"


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as one:
        yield one


@pytest.fixture
def canary() -> Iterator[Site]:
    """A server of the inside: whoever reaches it got through the wall."""
    with running() as one:
        yield one


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def fetch(site: Site, scratch: Path) -> Fetch:
    """Fetch an address of the site; keyword arguments go into the request or its limits, `progress` hears reports."""

    def run(
        url: str,
        *,
        progress: list[Progress] | None = None,
        stopped: Callable[[], bool] = lambda: False,
        limits: Limits = QUICK,
        **values: Any,
    ) -> Fetched:
        tight = {name: values.pop(name) for name in tuple(values) if hasattr(limits, name)}
        request = FetchRequest(url=url, allow=(site.host,), limits=replace(limits, **tight), **values)
        heard = progress if progress is not None else []
        return engine.fetch(request, scratch=scratch, on_progress=heard.append, stopped=stopped)

    return run
