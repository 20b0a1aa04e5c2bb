"""The video site: what browsers, yt-dlp and ffmpeg get from it."""

import gzip
import http.client
import io
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
import imageio_ffmpeg
import pytest
from av.container import InputContainer
from PIL import Image
from yt_dlp import YoutubeDL
from yt_dlp.utils import DownloadError

from kapture.sandbox.clips import LOOKS, clip_of, path_of, slug_of
from kapture.sandbox.control import Control
from kapture.sandbox.hostile import BOMB_BYTES, bomb
from kapture.sandbox.media import Workshop
from kapture.sandbox.server import Server
from kapture.sandbox.videos import VideoStandIn

pytestmark = pytest.mark.thorough

TITLE = "POV: 3-second hooks / a “quiet” year & 100% true?"
SLUG = slug_of(TITLE, "a1B2c3D4e5F", 9)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outer") / "recorded"
    folder.mkdir()
    (folder / "note.txt").write_text("0123456789")
    (folder.parent / "secret.txt").write_text("secret")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, recordings: Path) -> Iterator[Server]:
    with Server(VideoStandIn(Workshop(tmp_path_factory.mktemp("media")), recordings)) as server:
        yield server


@pytest.fixture
def control(site: Server) -> Control:
    control = Control(site.url)
    control.reset()
    return control


class Answer:
    """One answer, read whole."""

    def __init__(self, url: str, method: str = "GET", **headers: str) -> None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, headers={name.replace("_", "-"): text for name, text in headers.items()})
        answer = connection.getresponse()
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()
        connection.close()


def media(site: Server, ending: str, slug: str = SLUG) -> Answer:
    return Answer(f"{site.url}/media/{path_of(slug)}.{ending}")


def opened(body: bytes) -> InputContainer:
    return av.open(io.BytesIO(body), "r")


def downloaded(url: str, folder: Path, **options: Any) -> dict[str, Any]:
    settings: Any = {
        "paths": {"home": str(folder)},
        "outtmpl": {"default": "out.%(ext)s"},
        "quiet": True,
        "noprogress": True,
        "ffmpeg_location": imageio_ffmpeg.get_ffmpeg_exe(),
        "socket_timeout": 5,
        "retries": 0,
        "cachedir": False,
        "proxy": "",
        **options,
    }
    with YoutubeDL(settings) as ydl:
        info: Any = ydl.extract_info(url)
        return dict(info)


def test_a_slug_keeps_the_title_and_the_length() -> None:
    clip = clip_of(SLUG)
    assert (clip.title, clip.seconds) == ("POV: 3-second hooks a “quiet” year & 100% true", 9)
    assert clip.look in LOOKS
    assert clip_of("anything") == clip_of("anything")
    assert 6 <= clip_of("anything").seconds <= 30


@pytest.mark.parametrize(
    ("ending", "kinds"),
    [
        ("mp4", ["video", "audio"]),
        ("webm", ["video", "audio"]),
        ("mp3", ["audio"]),
        ("m4a", ["audio"]),
        ("gif", ["video"]),
    ],
)
def test_media_play_for_the_announced_time(site: Server, ending: str, kinds: list[str]) -> None:
    answer = media(site, ending)
    with opened(answer.body) as found:
        assert [stream.type for stream in found.streams] == kinds
        assert found.duration
        assert found.duration / 1e6 == pytest.approx(3 if ending == "gif" else 9, abs=0.2)
        pictures = [frame.to_image().resize((32, 18)) for frame in found.decode(video=0)] if "video" in kinds else []
    assert len({picture.tobytes() for picture in pictures}) > 5 or not pictures
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_a_long_clip_is_made_quickly(site: Server) -> None:
    start = time.monotonic()
    answer = Answer(f"{site.url}/media/long~x~900.mp4", "HEAD")
    assert time.monotonic() - start < 10
    assert 5_000_000 < int(answer.headers["content-length"]) < 40_000_000


def test_pictures_differ_by_slug_and_are_small(site: Server) -> None:
    bodies = [Answer(f"{site.url}/thumb/{path_of(slug_of('x', str(number), 9))}.webp").body for number in range(12)]
    assert len(set(bodies)) == 12
    assert all(1_000 < len(body) < 14_000 for body in bodies)
    assert {Image.open(io.BytesIO(body)).size for body in bodies} == {(480, 270)}
    assert Image.open(io.BytesIO(Answer(f"{site.url}/avatar/0a1b2c.webp").body)).size == (96, 96)
    assert Image.open(io.BytesIO(media(site, "jpg").body)).size == (640, 360)


def test_ranges_tags_and_heads(site: Server) -> None:
    url = f"{site.url}/media/{path_of(SLUG)}.mp4"
    whole, head = Answer(url), Answer(url, "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(whole.body)))
    middle = Answer(url, Range="bytes=100-199")
    assert (middle.status, middle.body) == (206, whole.body[100:200])
    assert middle.headers["content-range"] == f"bytes 100-199/{len(whole.body)}"
    assert Answer(url, Range="bytes=-10").body == whole.body[-10:]
    assert Answer(url, Range=f"bytes={len(whole.body) - 5}-").body == whole.body[-5:]
    assert Answer(url, Range="bytes=0-999999999").status == 206
    assert Answer(url, Range="bytes=999999999-").status == 416
    assert Answer(url, If_None_Match=whole.headers["etag"]).status == 304
    assert Answer(url, Range="bytes=0-9", If_Range='"other"').status == 200


def test_the_page_tells_its_media(site: Server) -> None:
    page = Answer(f"{site.url}/watch/{path_of(SLUG)}").body.decode()
    assert "<title>POV: 3-second hooks a “quiet” year &amp; 100% true</title>" in page
    for part in ('property="og:image"', 'property="og:video"', "<source src=", "<track kind="):
        assert part in page
    text_only = Answer(f"{site.url}/watch/{path_of(slug_of('A thread', 'k', 0))}").body.decode()
    assert "<video" not in text_only


def test_the_index_leads_to_pages_that_exist(site: Server) -> None:
    page = Answer(f"{site.url}/").body.decode()
    links = [part.split('"', 1)[0] for part in page.split('href="')[1:]]
    assert len(links) > 10
    assert all(Answer(link, "HEAD").status == 200 for link in links)


def test_ytdlp_downloads_a_page_with_its_captions(site: Server, tmp_path: Path) -> None:
    info = downloaded(f"{site.url}/watch/{path_of(SLUG)}", tmp_path, writesubtitles=True)
    # yt-dlp numbers the video elements of a page, also when there is only one.
    assert info["title"] == "POV: 3-second hooks a “quiet” year & 100% true (1)"
    assert info["thumbnail"].startswith(f"{site.url}/thumb/")
    with opened((tmp_path / "out.mp4").read_bytes()) as found:
        assert found.duration
        assert found.duration / 1e6 == pytest.approx(9, abs=0.2)
    assert (tmp_path / "out.en.vtt").read_text().startswith("WEBVTT")


def test_ytdlp_downloads_hls_in_the_wanted_height(site: Server, tmp_path: Path) -> None:
    url = f"{site.url}/hls/{path_of(SLUG)}/master.m3u8"
    info = downloaded(url, tmp_path, format="b[height<=200]", hls_prefer_native=True)
    assert (info["height"], info["protocol"]) == (180, "m3u8_native")
    with opened((tmp_path / "out.mp4").read_bytes()) as found:
        assert found.streams.video[0].height == 180
        assert found.duration
        assert found.duration / 1e6 == pytest.approx(9, abs=0.3)


def test_a_text_post_has_nothing_to_download(site: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError):
        downloaded(f"{site.url}/watch/{path_of(slug_of('A thread', 'k', 0))}", tmp_path)


def test_big_files_have_their_size_and_still_play(site: Server, tmp_path: Path) -> None:
    start = time.monotonic()
    answer = Answer(f"{site.url}/big/60mb.mp4")
    assert time.monotonic() - start < 10
    assert len(answer.body) == 60_000_000
    with opened(answer.body) as found:
        assert sum(1 for _ in found.decode(video=0)) > 50
    assert Answer(f"{site.url}/big/60mb.mp4", Range="bytes=59999990-").body == bytes(10)
    assert Answer(f"{site.url}/big/101mb.mp4").status == 404


def test_slow_files_and_the_speed_knob(site: Server, control: Control) -> None:
    start = time.monotonic()
    body = Answer(f"{site.url}/slow/lamp~x~1.mp4?bps=100000").body
    slow = time.monotonic() - start
    assert slow >= len(body) / 100_000 * 0.9
    control.turn(bytes_per_second=float(len(body) * 2))
    start = time.monotonic()
    assert Answer(f"{site.url}/media/lamp~x~1.mp4").body == body
    assert 0.4 <= time.monotonic() - start < slow


def test_many_callers_wait_for_one_making(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    found: list[Path] = []
    callers = [
        threading.Thread(target=lambda: found.append(workshop.file(clip_of("same~x~8"), "mp4"))) for _ in range(6)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert not list(tmp_path.glob("part-*"))


def test_redirects_go_where_they_are_told(site: Server) -> None:
    answer = Answer(f"{site.url}/redirect?to=http://127.0.0.1:1/&code=307")
    assert (answer.status, answer.headers["location"]) == (307, "http://127.0.0.1:1/")
    assert Answer(f"{site.url}/redirect?to=/&code=200").status == 400


def test_recorded_files_are_served_but_nothing_outside(site: Server) -> None:
    answer = Answer(f"{site.url}/recorded/note.txt", Range="bytes=2-4")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (206, b"234", "text/plain")
    for path in ("../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "missing.txt"):
        assert Answer(f"{site.url}/recorded/{path}").status == 404


def test_faults_spoil_media_too(site: Server, control: Control) -> None:
    url = f"{site.url}/media/{path_of(SLUG)}.mp4"
    whole = Answer(url).body
    control.fault("cut", "/media/*", size=5000)
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        Answer(url)
    control.fault("truncate", "/media/*")
    assert Answer(url).body == whole[: len(whole) // 2]
    control.fault("html", "/media/*")
    assert Answer(url).body.startswith(b"<!doctype html>")


def test_the_bomb_is_small_and_explodes() -> None:
    packed = bomb()
    assert len(packed) < 2_000_000
    assert int.from_bytes(packed[-4:], "little") == BOMB_BYTES
    with gzip.open(io.BytesIO(packed)) as exploding:
        assert exploding.read(100 << 20) == b" " * (100 << 20)


def test_hostile_answers_are_what_they_say(site: Server, control: Control) -> None:
    disguised = Answer(f"{site.url}/hostile/playlist-as.mp4")
    assert disguised.headers["content-type"] == "video/mp4"
    assert disguised.body.startswith(b"#EXTM3U")
    assert b"169.254.169.254" in Answer(f"{site.url}/hostile/internal.m3u8").body
    assert b'http-equiv="refresh"' in Answer(f"{site.url}/hostile/meta-refresh").body
    assert Answer(f"{site.url}/hostile/redirect-file").headers["location"].startswith("file:")
    assert Answer(f"{site.url}/hostile/gzip-bomb").headers["content-encoding"] == "gzip"
    with pytest.raises(http.client.IncompleteRead):
        Answer(f"{site.url}/hostile/wrong-length.mp4")
    assert Answer(f"{site.url}/hostile/unheard-of").status == 404
    Answer(f"{site.url}/hostile/canary")
    assert len(control.requests("/hostile/canary")) == 1


def test_the_endless_video_goes_on(site: Server) -> None:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=10)
    connection.request("GET", "/hostile/endless")
    answer = connection.getresponse()
    assert answer.read(20_000_000)[4:8] == b"ftyp"
    connection.close()


def test_ffmpeg_reads_the_whole_clip_without_complaint(site: Server) -> None:
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-nostdin",
        "-v",
        "warning",
        "-xerror",
        "-i",
        "pipe:0",
        "-f",
        "null",
        "-",
    ]
    done = subprocess.run(command, input=media(site, "mp4").body, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
