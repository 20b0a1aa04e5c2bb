"""What a fetch brings home: the file, its facts, its picture."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from kapture.gateways.media import engine
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import MediaKind, Progress, Quality, Stage, Target
from tests.gateways.media.conftest import Fetch
from tests.gateways.media.site import Site, slow

VIDEO, AUDIO, IMAGE = MediaKind.VIDEO, MediaKind.AUDIO, MediaKind.IMAGE


def test_a_video_file_comes_with_its_facts_and_thumbnail(site: Site, media: Path, fetch: Fetch) -> None:
    url = site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    heard: list[Progress] = []
    fetched = fetch(url, progress=heard)
    facts = fetched.facts
    assert (facts.container, facts.content_type, facts.suffix) == ("mp4", "video/mp4", ".mp4")
    assert (facts.width, facts.height, facts.video_codec, facts.audio_codec) == (320, 240, "h264", "aac")
    assert facts.duration == pytest.approx(2.0, abs=0.2)
    assert facts.size == fetched.path.stat().st_size
    assert facts.sha256 == hashlib.sha256(fetched.path.read_bytes()).hexdigest()
    assert fetched.thumbnail is not None
    assert fetched.thumbnail.read_bytes()[8:12] == b"WEBP"
    assert fetched.about.title == "clip"
    assert heard[0].stage is Stage.LOOKING
    assert heard[-1].stage is Stage.CHECKING
    assert all(0 <= one.fraction <= 1 for one in heard if one.fraction is not None)


def test_progress_tells_bytes_total_and_speed(site: Site, media: Path, fetch: Fetch) -> None:
    body = padded((media / "clip.mp4").read_bytes(), 1 << 20)
    site.routes["/big.mp4"] = slow(body)
    heard: list[Progress] = []
    fetch(site.url("/big.mp4"), progress=heard)
    moving = [one for one in heard if one.size]
    assert len(moving) > 2
    assert all(one.total == len(body) for one in moving)
    assert any(one.speed for one in moving)
    assert any(one.eta is not None for one in moving)
    assert [one.fraction for one in moving] == sorted(one.fraction or 0 for one in moving)


def padded(clip: bytes, size: int) -> bytes:
    """The same film in a larger file: a box of type `free` at the end is skipped by every reader (ISO 14496-12)."""
    room = size - len(clip)
    return clip + room.to_bytes(4, "big") + b"free" + bytes(room - 8)


def test_hls_becomes_one_playable_file(site: Site, media: Path, fetch: Fetch) -> None:
    for path in media.glob("clip*.ts"):
        site.serve(f"/{path.name}", path.read_bytes(), "video/mp2t")
    fetched = fetch(site.serve_hls("/clip.m3u8", (media / "clip.m3u8").read_text()))
    assert fetched.facts.container == "mp4"
    assert fetched.facts.duration == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize(("quality", "height"), [(Quality.BEST, 480), (Quality.P1080, 480), (Quality.P480, 480)])
def test_the_tallest_picture_within_the_wish_is_taken(
    site: Site, media: Path, fetch: Fetch, quality: Quality, height: int
) -> None:
    url = two_heights(site, media, 240, 480)
    assert fetch(url, quality=quality).facts.height == height


def test_a_wish_below_everything_takes_the_smallest(site: Site, media: Path, fetch: Fetch) -> None:
    url = two_heights(site, media, 720, 1080)
    fetch(url, quality=Quality.P480)
    assert "/small.mp4" in site.hits
    assert "/tall.mp4" not in site.hits


def two_heights(site: Site, media: Path, small: int, tall: int) -> str:
    """A page that offers one clip twice; the labels are what the choice goes by."""
    site.serve("/small.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    site.serve("/tall.mp4", (media / "tall.mp4").read_bytes(), "video/mp4")
    sources = "".join(
        f'<source src="{path}" type="video/mp4" label="{height}p" res="{height}">'
        for path, height in (("/small.mp4", small), ("/tall.mp4", tall))
    )
    return site.serve_html("/two", f"<video controls>{sources}</video>")


def test_a_page_with_a_video_is_followed(site: Site, media: Path, fetch: Fetch) -> None:
    site.serve("/v/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    fetched = fetch(site.serve_html("/watch", '<video src="/v/clip.mp4"></video>'))
    assert fetched.facts.container == "mp4"
    assert fetched.about.title == "A page"
    assert fetched.about.webpage_url == site.url("/watch")


def test_picture_and_sound_apart_are_brought_together(site: Site, media: Path, fetch: Fetch) -> None:
    site.serve("/silent.mp4", (media / "silent.mp4").read_bytes(), "video/mp4")
    site.serve("/sound.m4a", (media / "sound.m4a").read_bytes(), "audio/mp4")
    heard: list[Progress] = []
    fetched = fetch(site.serve("/clip.mpd", manifest().encode(), "application/dash+xml"), progress=heard)
    assert (fetched.facts.video_codec, fetched.facts.audio_codec) == ("h264", "aac")
    assert Stage.MERGING in {one.stage for one in heard}


def manifest(picture: str = "/silent.mp4", sound: str = "/sound.m4a") -> str:
    """A DASH manifest with one picture and one sound file."""
    return f"""<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S" profiles="urn:x"><Period>
<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="9" codecs="avc1.42c00d" width="320" height="240">
<BaseURL>{picture}</BaseURL></Representation></AdaptationSet>
<AdaptationSet mimeType="audio/mp4"><Representation id="2" bandwidth="9" codecs="mp4a.40.2">
<BaseURL>{sound}</BaseURL></Representation></AdaptationSet></Period></MPD>"""


@pytest.mark.parametrize(
    ("kind", "target", "container", "video", "audio"),
    [
        (VIDEO, Target.MP4, "mp4", "h264", "aac"),
        (VIDEO, Target.WEBM, "webm", "vp9", "opus"),
        (VIDEO, Target.GIF, "gif", "", ""),
        (AUDIO, Target.KEEP, "m4a", "", "aac"),
        (AUDIO, Target.M4A, "m4a", "", "aac"),
        (AUDIO, Target.MP3, "mp3", "", "mp3"),
    ],
)
def test_each_format_can_be_asked_for(
    site: Site, media: Path, fetch: Fetch, kind: MediaKind, target: Target, container: str, video: str, audio: str
) -> None:
    url = site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    facts = fetch(url, kind=kind, target=target).facts
    assert (facts.container, facts.video_codec, facts.audio_codec) == (container, video, audio)


@pytest.mark.parametrize(("name", "size"), [("picture.png", (120, 80)), ("picture.jpg", (60, 40))])
def test_a_picture_is_kept_as_it_is(site: Site, media: Path, fetch: Fetch, name: str, size: tuple[int, int]) -> None:
    body = (media / name).read_bytes()
    fetched = fetch(site.serve(f"/{name}", body), kind=IMAGE)
    assert fetched.path.read_bytes() == body
    assert (fetched.facts.width, fetched.facts.height) == size


def test_the_picture_of_a_page_is_its_poster(site: Site, media: Path, fetch: Fetch) -> None:
    site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    site.serve("/poster.png", (media / "picture.png").read_bytes(), "image/png")
    url = site.serve_html("/watch", '<video src="/clip.mp4" poster="/poster.png"></video>')
    assert fetch(url, kind=IMAGE).facts.container == "png"


def fetches_of(site: Site, path: str) -> list[str]:
    """How often the body of a path was asked for from here on; its size may be asked for without it."""
    answer, asked = site.routes[path], []

    def listening(handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "GET":
            asked.append(path)
        answer(handler)

    site.routes[path] = listening
    return asked


def test_a_look_tells_the_page_without_fetching_the_file(
    site: Site, media: Path, settings: Settings, tmp_path: Path
) -> None:
    settings.EGRESS_ALLOW, settings.SCRATCH = {site.host}, tmp_path
    site.serve("/v/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    fetched = fetches_of(site, "/v/clip.mp4")
    about = engine.preview(site.serve_html("/watch", '<video src="/v/clip.mp4"></video>'))
    assert about.title == "A page"
    assert fetched == []
    assert list(tmp_path.iterdir()) == []


def test_a_look_that_is_stopped_ends_at_once(site: Site, settings: Settings, tmp_path: Path) -> None:
    settings.EGRESS_ALLOW, settings.SCRATCH = {site.host}, tmp_path
    asked, answered = threading.Event(), threading.Event()

    def never(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        answered.wait(60)

    site.routes["/watch"] = never
    try:
        with pytest.raises(FetchFailed) as failed:
            engine.preview(site.url("/watch"), max_seconds=50.0, stopped=asked.is_set)
    finally:
        answered.set()
    assert failed.value.reason == Reason.CANCELLED
    assert list(tmp_path.iterdir()) == []
