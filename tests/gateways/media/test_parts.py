"""The small decisions: what bytes are, which reason words mean, how streams are brought into a format."""

from pathlib import Path

import pytest
from yt_dlp.networking.exceptions import TransportError
from yt_dlp.utils import DownloadError, ExtractorError, GeoRestrictedError

from kapture.gateways.media import sniff
from kapture.gateways.media.convert import Part, arguments, plan
from kapture.gateways.media.faults import explain
from kapture.gateways.media.probe import Streams
from kapture.gateways.media.reasons import WORDINGS, FetchFailed, Reason
from kapture.gateways.media.types import (
    TARGETS,
    About,
    Facts,
    Fetched,
    FetchRequest,
    MediaKind,
    Progress,
    Stage,
    Target,
)
from kapture.gateways.media.wire import Message, read_message, read_request, write_message, write_request

HEADS: dict[bytes, str | None] = {
    b"\x00\x00\x00\x20ftypisom": "mp4",
    b"\x00\x00\x00\x20ftypM4A ": "m4a",
    b"\x00\x00\x00\x20ftypavif": "avif",
    b"\x00\x00\x00\x18stypmsdh": "mp4",
    b"\x1aE\xdf\xa3rest": "webm",
    (b"\x47" + bytes(187)) * 5: "mpegts",
    b"\x47" + bytes(300): None,
    b"ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x00": "mp3",
    b"ID3\x04\x00\x00\x00\x00\x00\x02xx\xff\xf1\x50\x80": "aac",
    b"\xff\xfb\x90\x00": "mp3",
    b"\xff\xf1\x50\x80": "aac",
    b"\xff\xfe<\x00h\x00": None,
    b"OggS": "ogg",
    b"fLaC": "flac",
    b"RIFF\x00\x00\x00\x00WAVEfmt ": "wav",
    b"RIFF\x00\x00\x00\x00WEBPVP8 ": "webp",
    b"RIFF\x00\x00\x00\x00XXXX": None,
    b"\xff\xd8\xff\xe0": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF89a": "gif",
    b"#EXTM3U\n": None,
    b"\xef\xbb\xbf#EXTM3U\n": None,
    b"ffconcat version 1.0\n": None,
    b"<?xml version='1.0'?><MPD>": None,
    b"<svg xmlns=": None,
    b"<!doctype html>": None,
    b"WEBVTT\n": None,
    b"PK\x03\x04": None,
    b"MZ\x90": None,
    b"#!/bin/sh\n": None,
    b"": None,
    bytes(4096): None,
}


@pytest.mark.parametrize(("head", "name"), HEADS.items())
def test_a_file_is_what_its_first_bytes_say(head: bytes, name: str | None) -> None:
    container = sniff.identify(head)
    assert (container.name if container else None) == name


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("[youtube] x: Private video. Sign in if you've been granted access to this video", Reason.PRIVATE),
        ("[youtube] x: Sign in to confirm your age. This video may be inappropriate", Reason.NEEDS_SIGN_IN),
        ("[youtube] x: Sign in to confirm you're not a bot. Use --cookies", Reason.NEEDS_SIGN_IN),
        ("[youtube] x: Video unavailable. This video has been removed by the uploader", Reason.REMOVED),
        ("[youtube] x: The uploader has not made this video available in your country", Reason.GEO_BLOCKED),
        ("[youtube] x: This live event will begin in 3 hours", Reason.LIVE),
        ("[youtube] x: Premieres in 2 hours", Reason.LIVE),
        ("[twitter] 1: No video could be found in this tweet", Reason.UNSUPPORTED),
        (
            "[instagram] 1: Requested content is not available, rate-limit reached or login required",
            Reason.NEEDS_SIGN_IN,
        ),
        ("[x] 1: This video is DRM protected", Reason.PROTECTED),
        ("[generic] 'x' is not a valid URL", Reason.UNSUPPORTED),
    ],
)
def test_an_extractors_words_get_their_name(words: str, reason: Reason) -> None:
    error = DownloadError(f"ERROR: {words}", (ExtractorError, ExtractorError(words, expected=True), None))
    assert explain(error).reason == reason


def test_typed_errors_are_found_however_deep_they_are_wrapped() -> None:
    inner = GeoRestrictedError("only in DE")
    assert explain(DownloadError("x", (type(inner), inner, None))).reason == Reason.GEO_BLOCKED
    full = OSError(28, "No space left on device")
    outer = DownloadError("unable to write")
    outer.__cause__ = full
    assert explain(outer).reason == Reason.NO_SPACE


def test_the_name_of_an_address_is_not_taken_for_a_reason() -> None:
    for address in ("https://a.test/private/login", "a.test:42917/removed", "http://127.0.0.1:40410/drm"):
        away = TransportError(f"connection to {address} refused")
        outer = DownloadError(f"Unable to download {address}", (type(away), away, None))
        assert explain(outer).reason == Reason.UNREACHABLE
        assert explain(DownloadError(f"[generic] {address}: strange")).reason == Reason.UNSUPPORTED


def test_an_unknown_error_is_called_a_crash() -> None:
    assert explain(ValueError("nobody knows")).reason == Reason.CRASHED


def test_every_reason_says_what_and_what_helps() -> None:
    assert set(WORDINGS) == set(Reason)
    for reason, wording in WORDINGS.items():
        assert wording.message.endswith(".")
        assert wording.remedy or reason is Reason.CANCELLED


def part(video: str = "", audio: str = "", seconds: float = 10.0) -> Part:
    return Part(Path("part-0"), sniff.MP4, Streams(video_codec=video, audio_codec=audio, duration=seconds))


@pytest.mark.parametrize(
    ("kind", "target", "video", "audio", "container", "encodes"),
    [
        (MediaKind.VIDEO, Target.KEEP, "h264", "aac", "mp4", False),
        (MediaKind.VIDEO, Target.KEEP, "h264", "", "mp4", False),
        (MediaKind.VIDEO, Target.KEEP, "vp9", "opus", "webm", False),
        (MediaKind.VIDEO, Target.KEEP, "vp9", "aac", "mp4", False),
        (MediaKind.VIDEO, Target.KEEP, "theora", "vorbis", "mp4", True),
        (MediaKind.VIDEO, Target.KEEP, "h264", "opus", "mp4", True),
        (MediaKind.VIDEO, Target.MP4, "vp9", "opus", "mp4", True),
        (MediaKind.VIDEO, Target.WEBM, "h264", "aac", "webm", True),
        (MediaKind.VIDEO, Target.GIF, "h264", "aac", "gif", True),
        (MediaKind.AUDIO, Target.KEEP, "h264", "aac", "m4a", False),
        (MediaKind.AUDIO, Target.KEEP, "", "opus", "ogg", False),
        (MediaKind.AUDIO, Target.KEEP, "", "wmav2", "m4a", True),
        (MediaKind.AUDIO, Target.MP3, "", "mp3", "mp3", False),
        (MediaKind.AUDIO, Target.MP3, "", "aac", "mp3", True),
        (MediaKind.AUDIO, Target.M4A, "", "mp3", "m4a", True),
    ],
)
def test_streams_are_copied_where_the_format_allows(
    kind: MediaKind, target: Target, video: str, audio: str, container: str, encodes: bool
) -> None:
    chosen = plan(kind, target, [part(video, audio)])
    assert (chosen.container.name, chosen.encodes) == (container, encodes)


def test_a_gif_of_a_long_film_is_refused_and_not_cut() -> None:
    with pytest.raises(FetchFailed) as failed:
        plan(MediaKind.VIDEO, Target.GIF, [part("h264", seconds=31.0)])
    assert failed.value.reason == Reason.CONVERSION


def test_every_target_of_every_kind_can_be_planned() -> None:
    for kind, targets in TARGETS.items():
        for target in targets:
            if kind is not MediaKind.IMAGE:
                assert plan(kind, target, [part("h264", "aac")]).container


def test_each_input_is_opened_by_one_named_demuxer_and_local_files_only() -> None:
    parts = [part("h264"), part("", "aac")]
    command = arguments(plan(MediaKind.VIDEO, Target.KEEP, parts), parts, Path("out.mp4"))
    inputs = [index for index, word in enumerate(command) if word == "-i"]
    assert len(inputs) == 2
    for index in inputs:
        wanted = ["-protocol_whitelist", "file", "-format_whitelist", "mov", "-f", "mov"]
        assert command[index - 6 : index] == wanted
    assert command[command.index("-map") + 1] == "0:V:0"


def test_a_request_survives_the_pipe() -> None:
    request = FetchRequest(url="https://a.test/", kind=MediaKind.AUDIO, target=Target.MP3, allow=("127.0.0.1:1",))
    assert read_request(write_request(request, preview=True)) == (request, True)


def test_each_message_survives_the_pipe(tmp_path: Path) -> None:
    about = About(title="A", heights=(1080, 720))
    facts = Facts(container="mp4", content_type="video/mp4", suffix=".mp4", size=3, sha256="0" * 64)
    messages: list[Message] = [
        about,
        Progress(Stage.VIDEO, 0.5, 10, 20, 1.5, 3.0),
        Fetched(about, facts, tmp_path / "media.mp4", None),
        Fetched(about, facts, tmp_path / "media.mp4", tmp_path / "thumbnail.webp"),
    ]
    for message in messages:
        assert read_message(write_message(message), tmp_path) == message
    failed = read_message(write_message(FetchFailed(Reason.LIVE, detail="x")), tmp_path)
    assert isinstance(failed, FetchFailed)
    assert (failed.reason, failed.detail) == (Reason.LIVE, "x")


def test_a_message_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    facts = Facts(container="mp4", content_type="video/mp4", suffix=".mp4", size=3, sha256="0" * 64)
    line = write_message(Fetched(About(), facts, Path("media.mp4"), None)).replace(b"media.mp4", b"../../etc/passwd")
    fetched = read_message(line, tmp_path)
    assert isinstance(fetched, Fetched)
    assert fetched.path == tmp_path / "passwd"
