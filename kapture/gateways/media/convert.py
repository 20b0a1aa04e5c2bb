"""Bringing downloaded parts into one clean file with ffmpeg: copy where the codec fits, encode where it does not."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import imageio_ffmpeg

from kapture.gateways.media import sniff
from kapture.gateways.media.guard import note_program
from kapture.gateways.media.probe import Streams
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.sniff import Container
from kapture.gateways.media.types import GIF_SECONDS, MediaKind, Target

_H264 = (
    "-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p",
    "-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2",
)  # fmt: skip
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-crf", "34", "-b:v", "0")
_GIF = ("-vf", "fps=12,scale='min(480,iw)':-2:flags=lanczos,split[a][b];[a]palettegen[p];[b][p]paletteuse")
_AAC = ("-c:a", "aac", "-b:a", "192k")
_OPUS = ("-c:a", "libopus", "-b:a", "160k")
_MP3 = ("-c:a", "libmp3lame", "-q:a", "2")
_COPY_VIDEO = ("-c:v", "copy")
_COPY_AUDIO = ("-c:a", "copy")
_SOUND = {
    "aac": sniff.M4A, "mp3": sniff.MP3, "opus": sniff.OGG, "vorbis": sniff.OGG, "flac": sniff.FLAC,
    "pcm_s16le": sniff.WAV,
}  # fmt: skip
_MUXERS = {
    "m4a": "ipod", "mp4": "mp4", "gif": "gif", "webm": "webm", "mp3": "mp3", "ogg": "ogg", "flac": "flac", "wav": "wav",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A downloaded file with what it holds."""

    path: Path
    container: Container
    streams: Streams


@dataclass(frozen=True, slots=True)
class Plan:
    """What ffmpeg will write: the container, and the arguments of each stream (empty leaves the stream out)."""

    container: Container
    video: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()

    @property
    def encodes(self) -> bool:
        """Whether a stream is encoded again, which takes time in proportion to its length."""
        return any(stream and "copy" not in stream for stream in (self.video, self.audio))


@cache
def ffmpeg() -> str:
    """The path of the ffmpeg that the project installs."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def plan(kind: MediaKind, target: Target, parts: Sequence[Part]) -> Plan:
    """How to bring the parts into the wanted format; raises `FetchFailed` when a needed stream is missing."""
    video = next((part.streams.video_codec for part in parts if part.streams.video_codec), "")
    audio = next((part.streams.audio_codec for part in parts if part.streams.audio_codec), "")
    if kind is MediaKind.AUDIO:
        return _plan_audio(target, audio)
    if not video:
        raise FetchFailed(Reason.UNSUPPORTED, detail="no picture")
    if target is Target.GIF:
        length = max((part.streams.duration or 0.0 for part in parts), default=0.0)
        if length > GIF_SECONDS:
            raise FetchFailed(Reason.CONVERSION, detail=f"a GIF of {length:.0f} s")
        return Plan(sniff.GIF, video=_GIF)
    fits_webm = video in ("vp8", "vp9", "av1") and audio in ("", "opus", "vorbis")
    if target is Target.WEBM or (target is Target.KEEP and fits_webm):
        return Plan(
            sniff.WEBM,
            video=_COPY_VIDEO if video in ("vp8", "vp9", "av1") else _VP9,
            audio=_stream(audio, ("opus", "vorbis"), _COPY_AUDIO, _OPUS),
        )
    kept = ("h264", "hevc", "av1", *(("vp9",) if target is Target.KEEP else ()))
    return Plan(
        sniff.MP4,
        video=_COPY_VIDEO if video in kept else _H264,
        audio=_stream(audio, ("aac", "mp3"), _COPY_AUDIO, _AAC),
    )


def _stream(codec: str, fitting: tuple[str, ...], copy: tuple[str, ...], encode: tuple[str, ...]) -> tuple[str, ...]:
    if not codec:
        return ()
    return copy if codec in fitting else encode


def _plan_audio(target: Target, audio: str) -> Plan:
    if not audio:
        raise FetchFailed(Reason.UNSUPPORTED, detail="no sound")
    if target is Target.MP3:
        return Plan(sniff.MP3, audio=_COPY_AUDIO if audio == "mp3" else _MP3)
    if target is Target.KEEP and audio in _SOUND:
        return Plan(_SOUND[audio], audio=_COPY_AUDIO)
    return Plan(sniff.M4A, audio=_COPY_AUDIO if audio == "aac" else _AAC)


def recode(kind: MediaKind, target: Target, part: Part) -> Plan:
    """How to bring a piece of a file into a format: encoded again, since a copy can only begin at a key frame."""
    if kind is MediaKind.AUDIO:
        if not part.streams.audio_codec:
            raise FetchFailed(Reason.UNSUPPORTED, detail="no sound")
        return Plan(sniff.MP3, audio=_MP3)
    if not part.streams.video_codec:
        raise FetchFailed(Reason.UNSUPPORTED, detail="no picture")
    if target is Target.GIF:
        return Plan(sniff.GIF, video=_GIF)
    return Plan(sniff.MP4, video=_H264, audio=_AAC if part.streams.audio_codec else ())


def arguments(plan: Plan, parts: Sequence[Part], output: Path, span: tuple[float, float] | None = None) -> list[str]:
    """The whole command line: local files only, each opened by its one demuxer; one picture and one sound kept.

    `span` takes only the piece from and to these seconds.
    """
    command = [ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", "-nostats", "-progress", "pipe:1", "-y"]
    for part in parts:
        command += ["-protocol_whitelist", "file", "-format_whitelist", part.container.demuxer]
        command += ["-f", part.container.demuxer]
        if span is not None:
            command += ["-ss", f"{span[0]:.3f}", "-t", f"{span[1] - span[0]:.3f}"]
        command += ["-i", str(part.path)]
    for letter, wanted in (("V", plan.video), ("a", plan.audio)):  # V leaves cover pictures out
        if wanted:
            command += ["-map", f"{_index(parts, letter)}:{letter}:0", *wanted]
    # Metadata, chapters, attachments and subtitles of a stranger's file do not travel on.
    command += ["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-fflags", "+bitexact"]
    if plan.container in (sniff.MP4, sniff.M4A):
        command += ["-movflags", "+faststart"]
    return [*command, "-f", _MUXERS[plan.container.name], str(output)]


def _index(parts: Sequence[Part], letter: str) -> int:
    codecs = [part.streams.video_codec if letter == "V" else part.streams.audio_codec for part in parts]
    return next(index for index, codec in enumerate(codecs) if codec)


def run(
    plan: Plan,
    parts: Sequence[Part],
    output: Path,
    on_fraction: Callable[[float], None],
    span: tuple[float, float] | None = None,
) -> Path:
    """Run ffmpeg and hand back the output; `on_fraction` hears 0..1. Raises `FetchFailed` with the named reason."""
    whole = max((part.streams.duration or 0.0 for part in parts), default=0.0)
    length = span[1] - span[0] if span is not None else whole
    errors = output.with_suffix(".log")
    with errors.open("wb") as log:
        command = arguments(plan, parts, output, span)
        # Every argument is ours: the paths are named here, the formats come from our own tables.
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            stdin=subprocess.DEVNULL,
            # A file that passes its limit is to be an error that ffmpeg names, not the signal that ends it silently.
            restore_signals=False,
        )
        note_program(process)
        with process:
            for line in process.stdout or ():
                name, _, value = line.decode("ascii", "replace").strip().partition("=")
                if name == "out_time_us" and value.isdigit() and length:
                    on_fraction(min(int(value) / 1e6 / length, 1.0))
    if process.returncode == 0 and output.exists() and output.stat().st_size:
        return output
    detail = errors.read_text("utf-8", "replace")[-500:]
    if "No space left" in detail or shutil.disk_usage(output.parent).free < 1 << 20:
        raise FetchFailed(Reason.NO_SPACE, detail=detail)
    if "File too large" in detail:
        raise FetchFailed(Reason.TOO_LARGE, detail=detail)
    raise FetchFailed(Reason.CONVERSION if plan.encodes else Reason.BAD_MEDIA, detail=detail)
