"""Cutting a local file: how exact it is, and every way it can end."""

import shutil
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from kapture.gateways.media import clip, cutting, probe
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import CutRequest, Fetched, Limits, MediaKind, Progress, Stage, Target
from tests.gateways.media.conftest import ffmpeg

VIDEO, AUDIO = MediaKind.VIDEO, MediaKind.AUDIO


def cut(source: Path, scratch: Path, request: CutRequest, heard: list[Progress] | None = None) -> Fetched:
    shutil.copy(source, scratch / clip.SOURCE)
    note = (heard if heard is not None else []).append
    return clip.cut(request, scratch=scratch, on_progress=note, stopped=lambda: False)


def test_a_piece_has_the_wanted_length_and_nothing_else_stays(media: Path, scratch: Path) -> None:
    heard: list[Progress] = []
    made = cut(media / "clip.mp4", scratch, CutRequest(0.5, 1.25), heard)
    assert (made.facts.container, made.facts.video_codec, made.facts.audio_codec) == ("mp4", "h264", "aac")
    assert made.facts.duration == pytest.approx(0.75, abs=2 / 15)  # a picture at each end
    assert made.thumbnail is not None
    assert {one.stage for one in heard} == {Stage.CUTTING, Stage.CHECKING}
    assert not (scratch / clip.SOURCE).exists()


def test_the_first_picture_is_that_of_the_moment_and_not_of_the_key_frame_before(tmp_path: Path, scratch: Path) -> None:
    """Black for a second, then white, with one key frame only."""
    both = "color=black:size=64x64:rate=10:duration=1[a];color=white:size=64x64:rate=10:duration=1[b];[a][b]concat"
    film = str(tmp_path / "film.mp4")
    ffmpeg("-f", "lavfi", "-i", both, "-c:v", "libx264", "-g", "100", "-sc_threshold", "0", film)
    made = cut(Path(film), scratch, CutRequest(1.2, 1.8))
    with probe.open_media(made.path, probe.sniffed(made.path)) as opened:
        first = next(iter(opened.decode(video=0)))
    still: Image.Image = first.to_image()  # type: ignore[no-untyped-call]  # PyAV's stub leaves it bare
    assert still.convert("L").resize((1, 1)).getextrema()[0] > 200


@pytest.mark.parametrize(
    ("name", "kind", "target", "container"),
    [
        ("clip.mp4", VIDEO, Target.GIF, "gif"),
        ("clip.mp4", AUDIO, Target.MP3, "mp3"),
        ("silent.mp4", VIDEO, Target.MP4, "mp4"),
        ("sound.m4a", AUDIO, Target.MP3, "mp3"),
    ],
)
def test_each_format_can_be_cut(
    media: Path, scratch: Path, name: str, kind: MediaKind, target: Target, container: str
) -> None:
    shutil.copy(media / name, scratch / clip.SOURCE)
    assert cutting.cut(CutRequest(0.2, 0.9, kind, target), scratch, lambda _: None).facts.container == container


@pytest.mark.parametrize(
    ("name", "request_", "reason"),
    [
        ("sound.mp3", CutRequest(0.0, 1.0), Reason.UNSUPPORTED),
        ("silent.mp4", CutRequest(0.0, 1.0, AUDIO, Target.MP3), Reason.UNSUPPORTED),
        ("picture.png", CutRequest(0.0, 1.0), Reason.UNSUPPORTED),
        ("clip.m3u8", CutRequest(0.0, 1.0), Reason.BAD_MEDIA),
        ("clip.mp4", CutRequest(0.0, 1.5, limits=Limits(max_bytes=10)), Reason.TOO_LARGE),
        ("clip.mp4", CutRequest(0.0, 1.5, limits=Limits(max_seconds=0.0)), Reason.TIMEOUT),
        ("clip.mp4", CutRequest(0.0, 1.5, limits=Limits(free_space=1 << 60)), Reason.NO_SPACE),
    ],
)
def test_what_cannot_be_cut_says_why(
    media: Path, scratch: Path, name: str, request_: CutRequest, reason: Reason
) -> None:
    with pytest.raises(FetchFailed) as failed:
        cut(media / name, scratch, request_)
    assert failed.value.reason == reason


def test_a_cut_that_is_stopped_leaves_no_process(media: Path, scratch: Path) -> None:
    shutil.copy(media / "clip.mp4", scratch / clip.SOURCE)
    stopped = threading.Event()
    with pytest.raises(FetchFailed) as failed:
        clip.cut(CutRequest(0.0, 2.0), scratch=scratch, on_progress=lambda _: stopped.set(), stopped=stopped.is_set)
    assert failed.value.reason == Reason.CANCELLED
    # The kernel may take a moment to clear away what was killed with its group.
    until = time.monotonic() + 5
    while _here(scratch) and time.monotonic() < until:
        time.sleep(0.05)
    assert _here(scratch) == []


def _here(folder: Path) -> list[Path]:
    return [entry for entry in Path("/proc").glob("[0-9]*") if folder == _folder(entry)]


def _folder(entry: Path) -> Path | None:
    try:
        return (entry / "cwd").readlink()
    except OSError:
        return None
