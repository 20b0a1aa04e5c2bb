"""Captions as sites write them, as they are kept, and which of them are fetched."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kapture.gateways.media import captions, subtitles
from kapture.gateways.media.captions import Cue, parse
from kapture.gateways.media.pull import Pull
from kapture.gateways.media.types import CaptionFile, FetchRequest
from tests.gateways.media.conftest import QUICK
from tests.gateways.media.site import Site, endless

PLAIN = """WEBVTT - a title

STYLE
::cue { color: red }

NOTE this is not spoken

first
00:01.000 --> 00:02.500 align:start position:0%
<v Mara>Salt &amp; <i>fat</i></v>,
acid &lt;heat&gt;

1:00:03.250 --> 1:00:04.000
later
"""
ROLLING = """WEBVTT

00:00:00.000 --> 00:00:02.000
so<00:00:00.500><c> this</c><00:00:01.000><c> is</c>

00:00:02.000 --> 00:00:02.010
so this is

00:00:02.010 --> 00:00:04.000
so this is
how<00:00:03.000><c> machines</c><c> write</c>
"""
SRT = "1\r\n00:00:01,000 --> 00:00:02,000\r\n{\\an8}Hello\r\n- you\r\n\r\n2\r\n00:00:03,5 --> 00:00:04,000\r\nBye\r\n"


def test_markup_names_and_entities_become_plain_text() -> None:
    assert parse(PLAIN.encode(), "vtt") == [
        Cue(1.0, 2.5, "Salt & fat, acid <heat>"),
        Cue(3603.25, 3604.0, "later"),
    ]


def test_lines_that_roll_are_said_once() -> None:
    assert [cue.text for cue in parse(ROLLING.encode(), "vtt")] == ["so this is", "how machines write"]


def test_subrip_with_windows_line_ends_is_read() -> None:
    assert parse(SRT.encode("utf-16"), "srt") == [Cue(1.0, 2.0, "Hello - you"), Cue(3.5, 4.0, "Bye")]


def test_the_json_of_machine_captions_is_read() -> None:
    events: list[dict[str, Any]] = [
        {"tStartMs": 0, "dDurationMs": 9000, "id": 1},
        {"tStartMs": 500, "dDurationMs": 4000, "segs": [{"utf8": "salt"}, {"utf8": " fat", "tOffsetMs": 9}]},
        {"tStartMs": 2000, "dDurationMs": 100, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        {"tStartMs": 3000, "dDurationMs": 2000, "segs": [{"utf8": "acid"}]},
    ]
    assert parse(json.dumps({"events": events}).encode(), "json3") == [Cue(0.5, 3.0, "salt fat"), Cue(3.0, 5.0, "acid")]


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"<!doctype html>", "vtt"),
        (b"", "srt"),
        (b"\xff\xfe\x00", "vtt"),
        (b"{}", "json3"),
        (b"[" * 200_000, "json3"),
        (b'{"events":[{"segs":[5],"tStartMs":1}]}', "json3"),
        (PLAIN.encode(), "ttml"),
    ],
)
def test_what_is_no_captions_is_said_to_be_none(body: bytes, form: str) -> None:
    with pytest.raises(ValueError, match="captions"):
        parse(body, form)


def test_nothing_that_could_act_or_overflow_stays() -> None:
    lines = f"00:01.000 --> 00:02.000\n\u202e<script>x</script>\0\x07&lt;b&gt;{'y' * 9000}\n\n"
    times = "00:05.000 --> 00:04.000\nbackwards\n\n999:00:00.000 --> 999:00:01.000\ntoo late\n\n"
    found = parse(f"WEBVTT\n\n{times}{lines}".encode(), "vtt")
    assert len(found) == 1
    assert found[0].text.startswith("x <b>yyy")
    assert len(found[0].text) == captions.MAX_LINE


def test_no_more_is_kept_than_an_index_can_hold() -> None:
    many = "".join(
        f"{index // 60:02}:{index % 60:02}.000 --> 99:00.000\n{'ä' * 400} {index}\n\n" for index in range(2000)
    )
    found = parse(f"WEBVTT\n\n{many}".encode(), "vtt")
    assert 0 < len(found) < 2000
    assert len(captions.as_text(found).encode()) <= captions.MAX_TEXT


def test_what_was_written_is_read_back_the_same() -> None:
    cues = [Cue(0.0, 1.5, "a <b> & c --> d"), Cue(3661.001, 3662.0, "二")]
    assert parse(captions.as_vtt(cues).encode(), "vtt") == [cues[0], cues[1]]
    assert [cue.start for cue in parse(captions.as_srt(cues).encode(), "srt")] == [0.0, 3661.001]
    assert captions.as_text(cues) == "a <b> & c --> d\n二\n"


def test_a_stretch_counts_from_its_own_beginning() -> None:
    cues = [Cue(0.0, 2.0, "before"), Cue(1.5, 4.0, "across"), Cue(5.0, 6.0, "in"), Cue(9.0, 10.0, "after")]
    assert captions.within(cues, 2.0, 8.0) == [Cue(0.0, 2.0, "across"), Cue(3.0, 4.0, "in")]


def offer(*names: str, ext: str = "vtt") -> dict[str, Any]:
    return {name: [{"ext": "ttml", "url": "x"}, {"ext": ext, "url": "x"}] for name in names}


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({}, []),
        ({"subtitles": None, "automatic_captions": "x"}, []),
        ({"subtitles": offer("fr", "en", "de", "pt-BR"), "language": "pt"}, ["pt-BR", "en", "fr"]),
        ({"subtitles": offer("live_chat", "../../x", "en")}, ["en"]),
        ({"subtitles": {"en": [{"ext": "ttml", "url": "x"}]}}, []),
        ({"subtitles": offer("de"), "automatic_captions": offer("en")}, ["de"]),
        ({"automatic_captions": offer("ab", "en", "en-orig"), "language": "en"}, ["en*"]),
        ({"automatic_captions": offer("ab", "en", "de"), "language": "de"}, ["de*"]),
        ({"automatic_captions": offer("ab", "en", "de")}, []),
        ({"automatic_captions": offer("en")}, ["en*"]),
    ],
)
def test_written_captions_in_the_languages_sound_come_first(info: dict[str, Any], expected: list[str]) -> None:
    chosen = [f"{language}{'*' if automatic else ''}" for language, automatic, _ in subtitles.wanted(info)]
    assert chosen == expected


def test_of_several_formats_the_one_that_loses_least_is_taken() -> None:
    formats = [{"ext": ext, "url": ext} for ext in ("srv1", "srt", "vtt", "json3")]
    [(_, _, known)] = subtitles.wanted({"subtitles": {"en": formats}})
    assert [one["ext"] for one in known] == ["json3", "vtt", "srt"]


def fetched(site: Site, scratch: Path, tracks: dict[str, str], **values: Any) -> tuple[CaptionFile, ...]:
    """The captions of a page with these tracks."""
    tags = "".join(f'<track kind="captions" srclang="{name}" src="{src}">' for name, src in tracks.items())
    url = site.serve_html("/watch", f'<video src="/clip.mp4">{tags}</video>')
    request = FetchRequest(url=url, allow=(site.host,), subtitles=True, limits=replace(QUICK, **values))
    return Pull(request, scratch, lambda _: None).run().captions


def test_captions_lie_beside_the_file_in_plain_words(site: Site, media: Path, scratch: Path) -> None:
    site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    site.serve("/en.vtt", PLAIN.encode(), "text/vtt")
    site.serve("/de.srt", SRT.encode(), "text/plain")
    found = fetched(site, scratch, {"de": "/de.srt", "en": "/en.vtt"})
    assert [one.language for one in found] == ["en", "de"]
    assert parse(found[0].path.read_bytes(), "vtt")[0].text == "Salt & fat, acid <heat>"


@pytest.mark.parametrize("broken", ["missing", "page", "large", "drip", "inside"])
def test_broken_captions_spoil_nothing(
    site: Site, media: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(subtitles, "PATIENCE", 1.0)
    site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    site.serve("/de.vtt", PLAIN.encode(), "text/vtt")
    site.serve("/page.vtt", b"<!doctype html>", "text/vtt")
    site.routes["/large.vtt"] = endless(b"WEBVTT\n\n")
    site.routes["/drip.vtt"] = endless(b"WEBVTT\n\n", block=1, pause=0.05)
    address = "http://10.0.0.5/en.vtt" if broken == "inside" else f"/{broken}.vtt"
    found = fetched(site, scratch, {"de": "/de.vtt", "en": address})
    assert [one.language for one in found] == ([] if broken == "drip" else ["de"])


def test_captions_in_pieces_are_joined_each_line_once(site: Site, media: Path, scratch: Path) -> None:
    for path in media.glob("clip*.ts"):
        site.serve(f"/{path.name}", path.read_bytes(), "video/mp2t")
    site.serve_hls("/clip.m3u8", (media / "clip.m3u8").read_text())
    site.serve_hls("/en.m3u8", "#EXTM3U\n#EXTINF:1,\na.vtt\n#EXTINF:1,\nb.vtt\n#EXT-X-ENDLIST\n")
    both = "00:00.500 --> 00:01.500\nacross\n\n"
    site.serve("/a.vtt", f"WEBVTT\n\n00:00.000 --> 00:00.400\none\n\n{both}".encode())
    site.serve("/b.vtt", f"WEBVTT\n\n{both}00:01.600 --> 00:01.900\ntwo\n".encode())
    group = '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English",LANGUAGE="en",URI="en.m3u8"'
    stream = '#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=320x240,SUBTITLES="s"\nclip.m3u8'
    url = site.serve_hls("/master.m3u8", f"#EXTM3U\n{group}\n{stream}\n")
    request = FetchRequest(url=url, allow=(site.host,), subtitles=True, limits=QUICK)
    [found] = Pull(request, scratch, lambda _: None).run().captions
    assert captions.as_text(parse(found.path.read_bytes(), "vtt")) == "one\nacross\ntwo\n"
