"""What a media file really is, read with PyAV and Pillow; only local files, only through the demuxer named for them."""

from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from PIL import Image

from kapture.core.files import sha256
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.sniff import Container, sniff
from kapture.gateways.media.types import Facts

MAX_PIXELS = 64_000_000
MAX_DURATION = 30 * 24 * 3600.0
THUMBNAIL_SIDE = 640

# Pillow raises above twice this figure; a picture of this size already takes 256 MB when it is opened.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2


@dataclass(frozen=True, slots=True)
class Streams:
    """The first picture and sound stream of a file; an empty codec means that there is none. Seconds and pixels."""

    video_codec: str = ""
    audio_codec: str = ""
    duration: float | None = None
    width: int | None = None
    height: int | None = None


def sniffed(path: Path) -> Container:
    """The container of a file; raises `FetchFailed` for everything that is not media."""
    container = sniff(path)
    if container is None:
        raise FetchFailed(Reason.BAD_MEDIA, detail="unknown first bytes")
    return container


def open_media(path: Path, container: Container) -> InputContainer:
    """Open a file with the one demuxer of its container, so that no playlist in disguise is ever followed."""
    # The whitelist also binds what a demuxer may open by itself.
    options = {"protocol_whitelist": "file", "format_whitelist": container.demuxer}
    try:
        return av.open(str(path), format=container.demuxer, options=options)
    except (av.FFmpegError, ValueError) as error:
        raise FetchFailed(Reason.BAD_MEDIA, detail=str(error)) from error


def read_streams(path: Path, container: Container) -> Streams:
    """Codecs, size and length of a file's first streams; cover pictures do not count as video."""
    with open_media(path, container) as media:
        video = next(
            (one for one in media.streams.video if not one.disposition & av.stream.Disposition.attached_pic), None
        )
        audio = next(iter(media.streams.audio), None)
        seconds = media.duration / av.time_base if media.duration else None
        if seconds is not None and not 0 < seconds <= MAX_DURATION:
            raise FetchFailed(Reason.BAD_MEDIA, detail=f"duration of {seconds} s")
        if video is not None and not 0 < video.width * video.height <= MAX_PIXELS:
            raise FetchFailed(Reason.BAD_MEDIA, detail=f"picture of {video.width} x {video.height}")
        return Streams(
            video_codec=_codec(video.codec_context.name) if video is not None else "",
            audio_codec=_codec(audio.codec_context.name) if audio is not None else "",
            duration=seconds,
            width=video.width if video is not None else None,
            height=video.height if video is not None else None,
        )


def _codec(name: str) -> str:
    """The codec's own name: PyAV tells the name of the decoder, which for two codecs is that of a library."""
    return {"libdav1d": "av1", "mp3float": "mp3", "libvpx-vp9": "vp9", "libvpx": "vp8", "libopus": "opus"}.get(
        name, name
    )


def describe(path: Path) -> Facts:
    """Everything worth knowing about a finished media file, its SHA-256 included."""
    container = sniffed(path)
    if container.is_image:
        width, height = _image_size(path, container)
        streams = Streams(width=width, height=height)
    else:
        streams = read_streams(path, container)
    return Facts(
        container=container.name,
        content_type=container.content_type,
        suffix=container.suffix,
        size=path.stat().st_size,
        sha256=sha256(path),
        duration=streams.duration,
        width=streams.width,
        height=streams.height,
        video_codec=streams.video_codec,
        audio_codec=streams.audio_codec,
    )


def open_picture(path: Path, container: Container) -> Image.Image:
    """Open a picture with the one decoder of its container; others would take the same bytes for something else."""
    return Image.open(path, formats=[container.name.upper()])


def _image_size(path: Path, container: Container) -> tuple[int, int]:
    """Width and height of a picture that really decodes."""
    try:
        with open_picture(path, container) as image:
            image.load()
            return image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FetchFailed(Reason.BAD_MEDIA, detail=str(error)) from error


def thumbnail(path: Path, into: Path) -> Path | None:
    """A small WebP of a picture, or of a frame a tenth into a video; None for sound. Raises when nothing decodes."""
    container = sniffed(path)
    if container.is_image:
        with open_picture(path, container) as image:
            return _save(image.convert("RGB"), into)
    streams = read_streams(path, container)
    if not streams.video_codec:
        return None
    with open_media(path, container) as media:
        frame = _frame_at(media, min((streams.duration or 0.0) / 10, 10.0))
    if frame is None:
        raise FetchFailed(Reason.BAD_MEDIA, detail="no frame decodes")
    still: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV's stub leaves it bare
    return _save(still.rotate(frame.rotation, expand=True), into)


def _frame_at(media: InputContainer, seconds: float) -> VideoFrame | None:
    try:
        if seconds > 0:
            media.seek(int(seconds * av.time_base))
        return next(iter(media.decode(video=0)), None)
    except av.FFmpegError as error:
        raise FetchFailed(Reason.BAD_MEDIA, detail=str(error)) from error


def _save(image: Image.Image, into: Path) -> Path:
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    image.save(into, "WEBP", quality=80, method=4)
    return into
