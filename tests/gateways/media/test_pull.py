"""The steps of a fetch, without the process around them: which formats are taken, refused, merged and described."""

import resource
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kapture.gateways.media import convert, extract, probe, sniff, telling
from kapture.gateways.media.pull import Pull
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import About, Fetched, FetchRequest, MediaKind, Progress, Stage, Target
from kapture.gateways.media.wire import Message
from tests.gateways.media.conftest import QUICK
from tests.gateways.media.site import Site
from tests.gateways.media.test_fetch import fetches_of, manifest

Make = Callable[..., Pull]
ENDED = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n{tags}#EXTINF:2,\nsegment.ts\n{end}"


@pytest.fixture
def heard() -> list[Message]:
    """What the fetch says on its way."""
    return []


@pytest.fixture
def make(site: Site, scratch: Path, heard: list[Message]) -> Make:
    """One fetch of an address; keyword arguments go into the request or its limits."""

    def one(url: str, **values: Any) -> Pull:
        tight = {name: values.pop(name) for name in tuple(values) if hasattr(QUICK, name)}
        allow = values.pop("allow", (site.host,))
        return Pull(FetchRequest(url=url, allow=allow, limits=replace(QUICK, **tight), **values), scratch, heard.append)

    return one


def failure(pull: Pull) -> Reason:
    with pytest.raises(FetchFailed) as failed:
        pull.run()
    return Reason(failed.value.reason)


def clip(site: Site, media: Path, name: str = "clip.mp4", kind: str = "video/mp4") -> str:
    return site.serve(f"/{name}", (media / name).read_bytes(), kind)


def test_it_looks_fetches_checks_and_says_so(site: Site, media: Path, make: Make, heard: list[Message]) -> None:
    fetched = make(clip(site, media)).run()
    assert (fetched.facts.container, fetched.facts.video_codec, fetched.facts.audio_codec) == ("mp4", "h264", "aac")
    assert fetched.thumbnail is not None
    stages = [message.stage for message in heard if isinstance(message, Progress)]
    assert list(dict.fromkeys(stages)) == [Stage.LOOKING, Stage.MEDIA, Stage.CHECKING]
    assert [message.title for message in heard if isinstance(message, About)] == ["clip"]
    assert not list(fetched.path.parent.glob("part-*"))


def test_picture_and_sound_apart_become_one_file(site: Site, media: Path, make: Make, heard: list[Message]) -> None:
    clip(site, media, "silent.mp4")
    clip(site, media, "sound.m4a", "audio/mp4")
    facts = make(site.serve("/clip.mpd", manifest().encode(), "application/dash+xml")).run().facts
    assert (facts.video_codec, facts.audio_codec) == ("h264", "aac")
    stages = [message.stage for message in heard if isinstance(message, Progress)]
    assert list(dict.fromkeys(stages)) == [Stage.LOOKING, Stage.VIDEO, Stage.AUDIO, Stage.MERGING, Stage.CHECKING]


def test_hls_is_joined_and_its_fragments_move_the_bar(site: Site, media: Path, make: Make) -> None:
    for path in media.glob("clip*.ts"):
        clip(site, media, path.name, "video/mp2t")
    facts = make(site.serve_hls("/clip.m3u8", (media / "clip.m3u8").read_text())).run().facts
    assert facts.duration == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize("target", [Target.MP3, Target.KEEP])
def test_a_sound_has_its_pages_picture_or_none(site: Site, media: Path, make: Make, target: Target) -> None:
    clip(site, media, "sound.mp3", "audio/mpeg")
    site.serve("/poster.png", (media / "picture.png").read_bytes(), "image/png")
    with_poster = site.serve_html(
        "/listen", '<meta property="og:image" content="/poster.png"><audio src="/sound.mp3"></audio>'
    )
    fetched = make(with_poster, kind=MediaKind.AUDIO, target=target).run()
    assert fetched.facts.container == "mp3"
    assert fetched.facts.video_codec == ""


def test_a_poster_that_is_none_spoils_nothing(site: Site, make: Make) -> None:
    pull = make(site.url("/"))
    assert pull._poster(About()) is None
    assert pull._poster(About(poster_url=site.url("/gone.png"))) is None
    assert pull._poster(About(poster_url="http://10.0.0.1/x.png")) is None
    site.serve("/page.png", b"<!doctype html>", "image/png")
    assert pull._poster(About(poster_url=site.url("/page.png"))) is None


def test_a_poster_becomes_the_small_picture(site: Site, media: Path, make: Make) -> None:
    poster = site.serve("/poster.png", (media / "picture.png").read_bytes(), "image/png")
    small = make(site.url("/"))._poster(About(poster_url=poster))
    assert small is not None
    assert small.read_bytes()[8:12] == b"WEBP"


def test_a_picture_is_fetched_as_it_is(site: Site, media: Path, make: Make) -> None:
    fetched = make(clip(site, media, "picture.png", "image/png"), kind=MediaKind.IMAGE).run()
    assert fetched.path.read_bytes() == (media / "picture.png").read_bytes()
    assert (fetched.facts.width, fetched.facts.height) == (120, 80)


def test_a_look_fetches_no_media(site: Site, media: Path, make: Make) -> None:
    clip(site, media)
    fetched = fetches_of(site, "/clip.mp4")
    seen = make(site.serve_html("/watch", '<video src="/clip.mp4"></video>')).preview()
    assert seen.title == "A page"
    assert fetched == []


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("picture.png", MediaKind.VIDEO, Reason.UNSUPPORTED),
        ("clip.mp4", MediaKind.IMAGE, Reason.UNSUPPORTED),
        ("silent.mp4", MediaKind.AUDIO, Reason.UNSUPPORTED),
        ("sound.mp3", MediaKind.VIDEO, Reason.UNSUPPORTED),
    ],
)
def test_what_is_not_of_the_wanted_kind_is_refused(
    site: Site, media: Path, make: Make, name: str, kind: MediaKind, reason: Reason
) -> None:
    assert failure(make(clip(site, media, name), kind=kind)) == reason


def test_a_picture_is_not_believed_for_its_name(site: Site, media: Path, make: Make) -> None:
    url = site.serve("/poster.png", (media / "clip.mp4").read_bytes(), "image/png")
    assert failure(make(url, kind=MediaKind.IMAGE)) == Reason.UNSUPPORTED


@pytest.mark.parametrize("most", [1 << 10, 1 << 14])
def test_nothing_above_the_limit_is_kept(site: Site, media: Path, make: Make, most: int) -> None:
    assert failure(make(clip(site, media), max_bytes=most)) == Reason.TOO_LARGE


def test_several_videos_are_a_playlist_and_none_is_unsupported(site: Site, media: Path, make: Make) -> None:
    body = (media / "clip.mp4").read_bytes()
    tags = "".join(f'<video src="{site.serve(f"/{name}.mp4", body)}"></video>' for name in "ab")
    assert failure(make(site.serve_html("/two", tags))) == Reason.PLAYLIST


@pytest.mark.parametrize(
    ("tags", "end", "is_live"),
    [
        ("", "#EXT-X-ENDLIST\n", False),
        ("", "", True),
        ("#EXT-X-PLAYLIST-TYPE:EVENT\n", "", True),
    ],
)
def test_a_playlist_that_still_grows_is_live(
    site: Site, media: Path, make: Make, tags: str, end: str, is_live: bool
) -> None:
    site.serve("/segment.ts", next(media.glob("clip*.ts")).read_bytes(), "video/mp2t")
    pull = make(site.serve_hls("/a.m3u8", ENDED.format(tags=tags, end=end)))
    if is_live:
        assert failure(pull) == Reason.LIVE
    else:
        assert isinstance(pull.run(), Fetched)


@pytest.mark.parametrize(("tag", "is_live"), [("", True), ("#EXT-X-PLAYLIST-TYPE:VOD\n", False)])
def test_where_the_site_does_not_say_the_playlist_does(site: Site, make: Make, tag: str, is_live: bool) -> None:
    url = site.serve_hls("/a.m3u8", ENDED.format(tags=tag, end=""))
    formats = [{"protocol": "https", "url": site.url("/never.mp4")}, {"protocol": "m3u8_native", "url": url}]
    with make(url)._downloader() as ydl:
        extract.check_ended(ydl, {"live_status": "was_live"}, formats)
        assert site.hits == []
        if is_live:
            with pytest.raises(FetchFailed) as failed:
                extract.check_ended(ydl, {}, formats)
            assert failed.value.reason == Reason.LIVE
        else:
            extract.check_ended(ydl, {}, formats)
    assert site.hits == ["/a.m3u8"]


def test_a_link_that_leads_inside_is_refused_before_it_is_opened(site: Site, make: Make) -> None:
    with pytest.raises(FetchFailed) as failed:
        extract.check_links([{"url": "http://169.254.169.254/"}], ())
    assert failed.value.reason == Reason.REFUSED_ADDRESS
    url = site.serve_html("/watch", '<video src="http://10.0.0.5/clip.mp4"></video>')
    assert failure(make(url)) == Reason.REFUSED_ADDRESS


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        ({"has_drm": True, "protocol": "https"}, Reason.PROTECTED),
        ({"protocol": "rtmp"}, Reason.UNSUPPORTED),
        ({"protocol": "websocket_frag"}, Reason.UNSUPPORTED),
        ({}, Reason.UNSUPPORTED),
    ],
)
def test_other_transports_and_protected_formats_are_not_taken(one: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(FetchFailed) as failed:
        extract.chosen({"requested_formats": [{"protocol": "https"}, one]})
    assert failed.value.reason == reason


class Answering:
    """Says what an extractor found."""

    def __init__(self, found: dict[str, Any] | None) -> None:
        self.found = found

    def extract_info(self, url: str, download: bool) -> dict[str, Any] | None:
        return self.found

    def process_ie_result(self, entry: dict[str, Any], download: bool) -> dict[str, Any]:
        return entry


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (None, Reason.UNSUPPORTED),
        ({"_type": "playlist", "entries": []}, Reason.UNSUPPORTED),
        ({"_type": "playlist", "entries": [{}, {}]}, Reason.PLAYLIST),
        ({"_type": "url", "url": "x"}, Reason.UNSUPPORTED),
        ({"is_live": True}, Reason.LIVE),
        ({"live_status": "is_upcoming"}, Reason.LIVE),
    ],
)
def test_what_is_no_single_finished_video_is_refused(found: dict[str, Any] | None, reason: Reason) -> None:
    with pytest.raises(FetchFailed) as failed:
        extract.look(Answering(found), "https://public.test/")
    assert failed.value.reason == reason


def test_a_list_of_one_is_that_one() -> None:
    only = {"id": "1", "title": "x"}
    assert extract.look(Answering({"_type": "playlist", "entries": [only]}), "https://public.test/") == only


def test_what_a_site_tells_is_cut_to_what_a_row_can_hold() -> None:
    told = extract.about(
        {
            "title": "a\0b\x07\ud800 " + "x" * 900,
            "uploader": "  Mara ",
            "duration": True,
            "width": -1,
            "height": "tall",
            "formats": [{"height": 720}, {"height": 1080.0}, {"height": None}, {"height": 720}],
            "filesize": 10,
        }
    )
    assert told.title.startswith("ab xxx")
    assert len(told.title) == telling.LINE
    assert (told.author, told.duration, told.width, told.height, told.size) == ("Mara", None, None, None, 10)
    assert told.heights == (1080, 720)


def test_a_size_is_announced_only_when_every_part_is() -> None:
    assert extract.announced_size([{"filesize": 10}, {"filesize_approx": 5.5}]) == 15
    assert extract.announced_size([{"filesize": 10}, {}]) is None


def test_the_picture_of_a_page_is_its_largest() -> None:
    assert extract.picture_url({"thumbnails": [{"url": "small"}, {"url": "large"}, {}]}) == "large"
    assert extract.picture_url({"ext": "JPG", "url": "itself", "thumbnails": [{"url": "small"}]}) == "itself"
    with pytest.raises(FetchFailed):
        extract.picture_url({"ext": "mp4", "url": "film"})


@pytest.mark.parametrize(
    ("kind", "target", "first"),
    [
        (MediaKind.AUDIO, Target.MP3, "+res"),
        (MediaKind.AUDIO, Target.KEEP, "+res"),
        (MediaKind.VIDEO, Target.WEBM, "res"),
    ],
)
def test_formats_that_need_no_conversion_are_asked_for_first(kind: MediaKind, target: Target, first: str) -> None:
    order = extract.options(FetchRequest(url="", kind=kind, target=target), Path(), lambda _: None)["format_sort"]
    assert order[0] == first
    assert any({Target.MP3: "mp3", Target.WEBM: "vp9", Target.KEEP: "aac"}[target] in one for one in order)


def part(media: Path) -> convert.Part:
    path = media / "clip.mp4"
    return convert.Part(path, sniff.MP4, probe.read_streams(path, sniff.MP4))


def test_a_full_disk_is_named(media: Path, scratch: Path) -> None:
    (scratch / "media.mp4").symlink_to("/dev/full")
    plan = convert.plan(MediaKind.VIDEO, Target.WEBM, [part(media)])
    with pytest.raises(FetchFailed) as failed:
        convert.run(plan, [part(media)], scratch / "media.mp4", lambda _: None)
    assert failed.value.reason == Reason.NO_SPACE


def test_an_output_that_outgrows_the_limit_is_named(media: Path, scratch: Path) -> None:
    plan = convert.plan(MediaKind.VIDEO, Target.GIF, [part(media)])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 10, before[1]))
    try:
        with pytest.raises(FetchFailed) as failed:
            convert.run(plan, [part(media)], scratch / "media.gif", lambda _: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert failed.value.reason == Reason.TOO_LARGE


@pytest.mark.parametrize(("target", "reason"), [(Target.WEBM, Reason.CONVERSION), (Target.KEEP, Reason.BAD_MEDIA)])
def test_a_film_that_breaks_in_the_middle_is_named(media: Path, scratch: Path, target: Target, reason: Reason) -> None:
    whole = part(media)
    broken = scratch / "part-0"
    broken.write_bytes(whole.path.read_bytes()[:200])
    plan = convert.plan(MediaKind.VIDEO, target, [whole])
    with pytest.raises(FetchFailed) as failed:
        convert.run(plan, [replace(whole, path=broken)], scratch / f"media{plan.container.suffix}", lambda _: None)
    assert failed.value.reason == reason


def test_encoding_tells_how_far_it_is(media: Path, scratch: Path) -> None:
    shares: list[float] = []
    plan = convert.plan(MediaKind.VIDEO, Target.WEBM, [part(media)])
    convert.run(plan, [part(media)], scratch / "media.webm", shares.append)
    assert shares
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize("body", [b"", b"#EXTM3U\n", b"\x89PNG\r\n\x1a\nrest"])
def test_a_file_that_does_not_decode_is_bad_media(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(body)
    with pytest.raises(FetchFailed) as failed:
        probe.describe(path)
    assert failed.value.reason == Reason.BAD_MEDIA


def test_a_picture_is_read_by_no_other_decoder_than_its_own(tmp_path: Path) -> None:
    # Every decoder is loaded where fetches are forked, and some ask for no more than a word somewhere.
    Image.init()
    path = tmp_path / "media.webp"
    Image.new("RGB", (8, 8)).save(path, "WEBP")
    path.write_bytes(path.read_bytes().ljust(2048, b"\0") + b"PCD_" + bytes(8192))
    # Which decoder is asked first depends on what was loaded first in this process; this one would take it.
    with Image.open(path, formats=["PCD"]) as misled:
        assert misled.format == "PCD"
    facts = probe.describe(path)
    assert (facts.container, facts.width, facts.height) == ("webp", 8, 8)
    made = probe.thumbnail(path, tmp_path / "small.webp")
    assert made
    with Image.open(made, formats=["WEBP"]) as small:
        assert small.size == (8, 8)


def test_a_picture_describes_itself_and_a_sound_has_no_picture(media: Path, tmp_path: Path) -> None:
    facts = probe.describe(media / "picture.jpg")
    assert (facts.container, facts.width, facts.height, facts.duration) == ("jpeg", 60, 40, None)
    assert probe.thumbnail(media / "picture.jpg", tmp_path / "small.webp") == tmp_path / "small.webp"
    assert probe.thumbnail(media / "sound.mp3", tmp_path / "none.webp") is None
