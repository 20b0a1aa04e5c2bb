"""What a malicious site can cost: each trick ends by its limit, with a name, in bounded memory, and nothing is left."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from kapture.gateways.media import engine
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import Fetched, FetchRequest, Limits, MediaKind
from kapture.gateways.media.watching import folder_size
from kapture.sandbox.media import HEIGHTS, Workshop
from kapture.sandbox.server import Server
from kapture.sandbox.traps import NAMES
from kapture.sandbox.videos import VideoStandIn
from tests.gateways.media.conftest import Fetch, ffmpeg
from tests.gateways.media.site import Site, status
from tests.gateways.media.test_walls import working_in
from tests.thorough import some

MIB = 1 << 20
MEMORY = 512 * MIB
TIGHT = Limits(max_bytes=2 * MIB, max_seconds=30.0, look_seconds=15.0, slow_seconds=3.0, socket_seconds=5.0)
MARK = b"alert('attached')"


@dataclass
class Cost:
    """The most that a fetch took while it ran, seen from outside: bytes on disk, and of memory in one process."""

    disk: int = 0
    memory: int = 0


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    workshop = Workshop(tmp_path_factory.mktemp("media"))
    # The film that the tricks begin with is there before anybody waits for it.
    workshop.loop("lamp-amber", HEIGHTS[-1])
    with Server(VideoStandIn(workshop)) as server:
        yield server


def tried(url: str, pair: str, scratch: Path, limits: Limits = TIGHT, **values: Any) -> tuple[Fetched | Reason, Cost]:
    """How a fetch ended and what it cost; nothing may be left of one that failed."""
    cost, done = Cost(), threading.Event()

    def look() -> None:
        while not done.wait(0.01):
            cost.disk = max(cost.disk, folder_size(scratch))
            cost.memory = max([cost.memory, *(peak(process) for process in working_in(scratch))])

    watcher = threading.Thread(target=look)
    watcher.start()
    request = FetchRequest(url=url, allow=(pair,), limits=limits, **values)
    try:
        return engine.fetch(request, scratch=scratch, on_progress=lambda _: None, stopped=lambda: False), cost
    except FetchFailed as failed:
        end = Reason(failed.reason)
    finally:
        done.set()
        watcher.join()
    assert list(scratch.iterdir()) == []
    return end, cost


def peak(process: int) -> int:
    """The most memory that a process ever held, in bytes (proc(5), VmHWM)."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM")), 0)


TRICKS: dict[str, tuple[set[Reason], dict[str, Any]]] = {
    "endless": ({Reason.TOO_LARGE}, {}),
    "gzip-bomb": ({Reason.TOO_LARGE}, {}),
    "bomb.mp4": ({Reason.TOO_LARGE, Reason.BAD_MEDIA, Reason.UNSUPPORTED}, {}),
    "bomb.m3u8": ({Reason.TOO_LARGE}, {}),
    "page-without-end": ({Reason.TOO_LARGE}, {}),
    "many-segments.m3u8": ({Reason.TOO_LARGE}, {}),
    "self.m3u8": ({Reason.LIVE}, {}),
    "self-segment.m3u8": ({Reason.BAD_MEDIA, Reason.UNSUPPORTED}, {}),
    "many-entries": ({Reason.PLAYLIST, Reason.TIMEOUT}, {"limits": replace(TIGHT, look_seconds=4.0)}),
    "entities.mpd": ({Reason.UNSUPPORTED, Reason.BAD_MEDIA}, {}),
    "entities.svg": ({Reason.UNSUPPORTED, Reason.BAD_MEDIA}, {"kind": MediaKind.IMAGE}),
    "huge.png": ({Reason.BAD_MEDIA}, {"kind": MediaKind.IMAGE}),
    "redirect-loop": ({Reason.UNREACHABLE, Reason.UNSUPPORTED}, {}),
}


@pytest.mark.parametrize("name", some(list(TRICKS)))
def test_a_trick_ends_by_its_limit_and_leaves_nothing(hostile: Server, scratch: Path, name: str) -> None:
    reasons, values = TRICKS[name]
    started = time.monotonic()
    end, cost = tried(f"{hostile.url}/hostile/{name}", hostile.url.removeprefix("http://"), scratch, **values)
    assert end in reasons
    assert cost.disk <= TIGHT.max_bytes + MIB
    assert 0 < cost.memory < MEMORY
    assert time.monotonic() - started < TIGHT.max_seconds + 5
    assert {one.name for one in scratch.parent.iterdir()} == {"scratch"}


@pytest.mark.parametrize("number", [NAMES.index("../../x"), NAMES.index("$(id)"), NAMES.index("x" * 4_000)])
def test_no_name_of_a_site_becomes_a_name_of_ours(hostile: Server, scratch: Path, number: int) -> None:
    url = f"{hostile.url}/hostile/names?n={number}"
    end, _ = tried(url, hostile.url.removeprefix("http://"), scratch, replace(TIGHT, max_bytes=64 * MIB))
    assert isinstance(end, Fetched)
    assert end.path == scratch / "media.mp4"
    assert {one.name for one in scratch.iterdir()} <= {"media.mp4", "thumbnail.webp", "child.log", "media.log"}
    assert {one.name for one in scratch.parent.iterdir()} == {"scratch"}
    assert len(end.about.title) <= 500


def test_what_rides_along_in_a_film_stays_behind(site: Site, media: Path, fetch: Fetch, tmp_path: Path) -> None:
    page, lines, loaded = tmp_path / "a.html", tmp_path / "a.srt", tmp_path / "loaded.mkv"
    page.write_bytes(b"<script>" + MARK + b"</script>")
    lines.write_bytes(b"1\n00:00:00,000 --> 00:00:01,000\n<script>" + MARK + b"</script>\n")
    attached = ("-attach", str(page), "-metadata:s:t", "mimetype=text/html", "-metadata", f"title={MARK.decode()}")
    ffmpeg("-i", str(media / "clip.mp4"), "-i", str(lines), "-c", "copy", "-c:s", "srt", *attached, str(loaded))
    assert MARK in loaded.read_bytes()
    fetched = fetch(site.serve("/a.mkv", loaded.read_bytes(), "video/x-matroska"))
    assert fetched.facts.container == "mp4"
    assert MARK not in fetched.path.read_bytes()
    with av.open(str(fetched.path)) as opened:
        assert [one.type for one in opened.streams] == ["video", "audio"]


def test_where_a_picture_was_taken_is_not_in_its_thumbnail(hostile: Server, scratch: Path) -> None:
    """The picture itself is kept byte for byte, as the evidence that it is; what is shown of it in lists tells less."""
    url = f"{hostile.url}/hostile/located.jpg"
    end, _ = tried(url, hostile.url.removeprefix("http://"), scratch, kind=MediaKind.IMAGE)
    assert isinstance(end, Fetched)
    assert end.thumbnail is not None
    with Image.open(end.path) as kept, Image.open(end.thumbnail) as small:
        assert kept.getexif().get_ifd(0x8825)
        assert not small.getexif()


def test_a_cookie_does_not_follow_to_another_host(site: Site, canary: Site, media: Path, scratch: Path) -> None:
    heard: list[str | None] = []
    body = (media / "clip.mp4").read_bytes()
    canary.serve("/clip.mp4", body, "video/mp4")
    serve = canary.routes["/clip.mp4"]

    def note(handler: Any) -> None:
        heard.append(handler.headers.get("Cookie"))
        serve(handler)

    canary.routes["/clip.mp4"] = note
    other = f"localhost:{canary.server.server_port}"
    site.routes["/go.mp4"] = status(302, Location=f"http://{other}/clip.mp4", Set_Cookie="session=secret; Path=/")
    request = FetchRequest(url=site.url("/go.mp4"), allow=(site.host, other))
    fetched = engine.fetch(request, scratch=scratch, on_progress=lambda _: None, stopped=lambda: False)
    assert fetched.facts.size
    assert heard
    assert set(heard) == {None}


def test_four_at_once_keep_apart(site: Site, media: Path, tmp_path: Path) -> None:
    """Fetches that run side by side have ways out, folders and ends of their own."""
    good = site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    bad = site.redirect("/go.mp4", "http://169.254.169.254/x.mp4")
    ends: dict[int, object] = {}

    def run(number: int, url: str) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        ends[number], _ = tried(url, site.host, folder, replace(TIGHT, max_bytes=16 * MIB))

    threads = [threading.Thread(target=run, args=one) for one in enumerate((good, bad, good, bad))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [isinstance(ends[number], Fetched) for number in range(4)] == [True, False, True, False]
    assert ends[1] == ends[3] == Reason.REFUSED_ADDRESS
