"""Real files and real playlists, served from loopback: each is fetched, read and compared, or ends as it should."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from yt_dlp.utils import YoutubeDLError

from kapture.gateways.media.faults import explain
from kapture.gateways.media.pull import Pull
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import Facts, Fetched, FetchRequest, MediaKind, Quality, Target
from tests.gateways.media.conftest import QUICK, Fetch
from tests.gateways.media.site import Site
from tests.thorough import some

VIDEO, AUDIO, IMAGE = MediaKind.VIDEO, MediaKind.AUDIO, MediaKind.IMAGE
Bring = Callable[..., Fetched]


@pytest.fixture
def bring(site: Site, scratch: Path) -> Bring:
    """A fetch without a process of its own around it, which is what costs most of its time."""

    def run(url: str, **values: Any) -> Fetched:
        return Pull(FetchRequest(url=url, allow=(site.host,), limits=QUICK, **values), scratch, lambda _: None).run()

    return run


@pytest.fixture
def shelf(site: Site, recorded_media: Path) -> Callable[[str], str]:
    """Serves a recorded file and answers its address."""
    return lambda name: site.serve(f"/{name}", (recorded_media / name).read_bytes())


FILES = [
    ("rabbit320.mp4", VIDEO, ("mp4", "h264", "aac", 320, 240, 7.8)),
    ("rabbit320.webm", VIDEO, ("webm", "vp8", "vorbis", 320, 240, 7.8)),
    ("outfoxing.mp3", AUDIO, ("mp3", "", "mp3", None, None, 97.4)),
    ("bear.ogg", AUDIO, ("ogg", "", "vorbis", None, None, 6.2)),
    ("poster.png", IMAGE, ("png", "", "", 400, 400, None)),
    ("dinosaur_small.jpg", IMAGE, ("jpeg", "", "", 200, 171, None)),
    ("elva-fairy-320w.jpg", IMAGE, ("jpeg", "", "", 320, 213, None)),
]


@pytest.mark.parametrize(("name", "kind", "told"), some(FILES))
def test_each_recorded_file_arrives_as_what_it_is(
    shelf: Callable[[str], str], fetch: Fetch, name: str, kind: MediaKind, told: tuple[Any, ...]
) -> None:
    fetched = fetch(shelf(name), kind=kind)
    assert read(fetched.facts) == (*told[:5], seconds(told[5]))
    assert fetched.facts.sha256 == hashlib.sha256(fetched.path.read_bytes()).hexdigest()
    assert (fetched.thumbnail is not None) == (kind is not AUDIO)


def read(facts: Facts) -> tuple[Any, ...]:
    return facts.container, facts.video_codec, facts.audio_codec, facts.width, facts.height, facts.duration


def seconds(length: float | None) -> Any:
    return None if length is None else pytest.approx(length, abs=0.2)


def test_pictures_are_not_touched(shelf: Callable[[str], str], bring: Bring, recorded_media: Path) -> None:
    fetched = bring(shelf("dinosaur_small.jpg"), kind=IMAGE)
    assert fetched.path.read_bytes() == (recorded_media / "dinosaur_small.jpg").read_bytes()


MATRIX = [
    ("rabbit320.mp4", VIDEO, Target.KEEP, ("mp4", "h264", "aac")),
    ("rabbit320.mp4", VIDEO, Target.MP4, ("mp4", "h264", "aac")),
    ("rabbit320.mp4", VIDEO, Target.WEBM, ("webm", "vp9", "opus")),
    ("rabbit320.mp4", VIDEO, Target.GIF, ("gif", "", "")),
    ("rabbit320.webm", VIDEO, Target.MP4, ("mp4", "h264", "aac")),
    ("rabbit320.webm", VIDEO, Target.WEBM, ("webm", "vp8", "vorbis")),
    ("rabbit320.webm", VIDEO, Target.GIF, ("gif", "", "")),
    ("rabbit320.mp4", AUDIO, Target.KEEP, ("m4a", "", "aac")),
    ("rabbit320.mp4", AUDIO, Target.MP3, ("mp3", "", "mp3")),
    ("rabbit320.webm", AUDIO, Target.KEEP, ("ogg", "", "vorbis")),
    ("rabbit320.webm", AUDIO, Target.M4A, ("m4a", "", "aac")),
    ("outfoxing.mp3", AUDIO, Target.MP3, ("mp3", "", "mp3")),
    ("outfoxing.mp3", AUDIO, Target.M4A, ("m4a", "", "aac")),
    ("bear.ogg", AUDIO, Target.MP3, ("mp3", "", "mp3")),
    ("bear.ogg", AUDIO, Target.M4A, ("m4a", "", "aac")),
]


@pytest.mark.parametrize(("name", "kind", "target", "told"), some(MATRIX, 5))
def test_each_recorded_file_becomes_each_format(
    shelf: Callable[[str], str], bring: Bring, name: str, kind: MediaKind, target: Target, told: tuple[str, ...]
) -> None:
    facts = bring(shelf(name), kind=kind, target=target).facts
    assert (facts.container, facts.video_codec, facts.audio_codec) == told
    if target is not Target.GIF:
        length = next(known[5] for file, _, known in FILES if file == name)
        assert facts.duration == seconds(length)


# What each playlist ends in: bytes where its segments are there, else the reason.
PLAYLISTS: dict[str, Reason | None] = {
    "absoluteUris.m3u8": None,
    "alternateAudio.m3u8": None,
    "byteRange.m3u8": None,
    "discontinuity.m3u8": None,
    "encrypted.m3u8": Reason.LIVE,  # no end tag
    "event.m3u8": None,  # an event that has ended
    "liveMissingSegmentDuration.m3u8": Reason.LIVE,
    "main.m3u8": Reason.UNSUPPORTED,  # a remark stands before the tag that must come first
    "main-subtitles.m3u8": Reason.UNSUPPORTED,
    "manifestNoExtM3u.m3u8": Reason.UNSUPPORTED,
    "missingEndlist.m3u8": Reason.LIVE,
    "playlist.m3u8": None,
}


class _AnySegment(dict[str, Any]):
    """Routes that answer every segment with a real one, and every playlist of a rendition with a real one."""

    def __init__(self, site: Site, folder: Path) -> None:
        super().__init__(site.routes)
        site.serve("/real.ts", (folder / "rabbit_0.ts").read_bytes(), "video/mp2t")
        site.serve_hls("/real.m3u8", (folder / "rabbit.m3u8").read_text())
        self.segment, self.rendition = site.routes["/real.ts"], site.routes["/real.m3u8"]

    def get(self, path: str, default: Any = None) -> Any:
        if path in self:
            return self[path]
        return self.segment if path.endswith(".ts") else self.rendition if path.endswith("index.m3u8") else default


def playlist(site: Site, recorded_media: Path, name: str) -> str:
    """The address of a recorded playlist; the hosts it names are this site, since no test leaves the machine."""
    text = (recorded_media / "hls-manifests" / name).read_text()
    for host in ("example.com", "media.example.com", "priv.example.com"):
        for scheme in ("https:", "http:", ""):
            text = text.replace(f"{scheme}//{host}", f"http://{site.host}")
    return site.serve_hls(f"/manifests/{name}", text)


def test_every_recorded_playlist_is_listed(recorded_media: Path) -> None:
    assert {path.name for path in (recorded_media / "hls-manifests").glob("*.m3u8")} == set(PLAYLISTS)


@pytest.mark.parametrize(("name", "reason"), some(list(PLAYLISTS.items())))
def test_each_recorded_playlist_ends_as_it_should(
    site: Site, recorded_media: Path, bring: Bring, name: str, reason: Reason | None
) -> None:
    url = playlist(site, recorded_media, name)
    site.routes = _AnySegment(site, recorded_media / "hls")
    if reason is None:
        facts = bring(url).facts
        assert (facts.container, facts.video_codec) == ("mp4", "h264")
        return
    with pytest.raises((FetchFailed, YoutubeDLError)) as failed:
        bring(url)
    assert explain(failed.value).reason == reason


@pytest.mark.parametrize("name", ["event.m3u8", "playlist.m3u8"])
def test_a_playlist_whose_segments_are_gone_says_so(
    site: Site, recorded_media: Path, fetch: Fetch, scratch: Path, name: str
) -> None:
    with pytest.raises(FetchFailed) as failed:
        fetch(playlist(site, recorded_media, name))
    assert failed.value.reason == Reason.REMOVED
    assert list(scratch.iterdir()) == []


def test_a_recorded_stream_arrives_whole_and_as_sound_alone(
    site: Site, recorded_media: Path, bring: Bring, scratch: Path
) -> None:
    for path in (recorded_media / "hls").iterdir():
        site.serve(f"/{path.name}", path.read_bytes())
    film = bring(site.url("/master.m3u8")).facts
    assert read(film) == ("mp4", "h264", "aac", 320, 240, seconds(7.8))
    for path in scratch.iterdir():
        path.unlink()
    sound = bring(site.url("/master.m3u8"), kind=AUDIO).facts
    assert read(sound) == ("m4a", "", "aac", None, None, seconds(7.8))


@pytest.mark.parametrize(
    ("quality", "taken"), [(Quality.BEST, 1440), (Quality.P1080, 1080), (Quality.P720, 720), (Quality.P480, 480)]
)
def test_of_the_heights_of_a_stream_the_wanted_one_is_taken(
    site: Site, recorded_media: Path, bring: Bring, quality: Quality, taken: int
) -> None:
    heights = (480, 1440, 720, 1080)
    lines = [f"#EXT-X-STREAM-INF:BANDWIDTH={one}000,RESOLUTION={one}x{one}\n{one}.m3u8" for one in heights]
    rendition = (recorded_media / "hls" / "rabbit.m3u8").read_text()
    for one in heights:
        site.serve_hls(f"/{one}.m3u8", rendition.replace("rabbit_", f"{one}-"))
    url = site.serve_hls("/master.m3u8", "#EXTM3U\n" + "\n".join(lines))
    site.routes = _AnySegment(site, recorded_media / "hls")
    bring(url, quality=quality)
    assert {path for path in site.hits if path.endswith(".ts")} == {f"/{taken}-0.ts", f"/{taken}-1.ts"}


def test_captions_of_a_recorded_page_come_with_it(
    site: Site, shelf: Callable[[str], str], recorded_media: Path, fetch: Fetch
) -> None:
    shelf("rabbit320.mp4")
    shelf("subtitles_en.vtt")
    page = '<video src="/rabbit320.mp4"><track kind="captions" src="/subtitles_en.vtt" srclang="en"></video>'
    fetched = fetch(site.serve_html("/watch", page), subtitles=True)
    assert [(one.language, one.automatic) for one in fetched.captions] == [("en", False)]
    assert "This is the first subtitle." in fetched.captions[0].path.read_text()
    assert set(fetched.files) <= set(fetched.path.parent.iterdir())
    assert replace(fetched, captions=()).files == fetched.files[:2]
