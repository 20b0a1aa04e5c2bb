"""What a file is by its first bytes; names and content types of a server are not believed."""

from dataclasses import dataclass
from pathlib import Path

HEAD = 4096
MPEGTS_PACKET = 188


@dataclass(frozen=True, slots=True)
class Container:
    """A kind of file: its name here, the one demuxer that may open it (empty for still images), type and suffix."""

    name: str
    demuxer: str
    content_type: str
    suffix: str
    audio_only: bool = False

    @property
    def is_image(self) -> bool:
        """Whether Pillow, not a demuxer, opens it."""
        return not self.demuxer


MP4 = Container("mp4", "mov", "video/mp4", ".mp4")
M4A = Container("m4a", "mov", "audio/mp4", ".m4a", audio_only=True)
WEBM = Container("webm", "matroska", "video/webm", ".webm")
MPEGTS = Container("mpegts", "mpegts", "video/mp2t", ".ts")
FLV = Container("flv", "flv", "video/x-flv", ".flv")
AVI = Container("avi", "avi", "video/x-msvideo", ".avi")
MP3 = Container("mp3", "mp3", "audio/mpeg", ".mp3", audio_only=True)
AAC = Container("aac", "aac", "audio/aac", ".aac", audio_only=True)
OGG = Container("ogg", "ogg", "audio/ogg", ".ogg")
FLAC = Container("flac", "flac", "audio/flac", ".flac", audio_only=True)
WAV = Container("wav", "wav", "audio/wav", ".wav", audio_only=True)
GIF = Container("gif", "", "image/gif", ".gif")
JPEG = Container("jpeg", "", "image/jpeg", ".jpg")
PNG = Container("png", "", "image/png", ".png")
WEBP = Container("webp", "", "image/webp", ".webp")
AVIF = Container("avif", "", "image/avif", ".avif")

_PREFIXES: tuple[tuple[bytes, Container], ...] = (
    (b"\x1aE\xdf\xa3", WEBM),
    (b"OggS", OGG),
    (b"fLaC", FLAC),
    (b"FLV\x01", FLV),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
)
_RIFF = {b"WAVE": WAV, b"WEBP": WEBP, b"AVI ": AVI}
_BOXES = frozenset({b"ftyp", b"styp", b"moov", b"mdat"})


def sniff(path: Path) -> Container | None:
    """The container of a file, or None for anything that is not media: playlists, pages, scripts, archives, nothing."""
    with path.open("rb") as file:
        return identify(file.read(HEAD))


def identify(head: bytes) -> Container | None:
    """The container that a file beginning with these bytes is."""
    for prefix, container in _PREFIXES:
        if head.startswith(prefix):
            return container
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] in _BOXES:
        return _box(head)
    if head[:3] == b"ID3":
        return _after_id3(head)
    if _is_transport_stream(head):
        return MPEGTS
    return _frame(head)


def _box(head: bytes) -> Container:
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    if brand in (b"avif", b"avis"):
        return AVIF
    return M4A if brand in (b"M4A ", b"M4B ") else MP4


def _after_id3(head: bytes) -> Container:
    """HLS puts an ID3 timestamp before raw AAC; its length is four groups of seven bits (ID3v2.4, section 3.1)."""
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    return _frame(head[10 + length :]) or MP3


def _frame(head: bytes) -> Container | None:
    """MPEG audio by its sync word: layer bits 00 are ADTS AAC, 01 is layer III (ISO 11172-3 and 13818-7)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = head[1] >> 1 & 0b11
    if layer == 0b00 and head[1] & 0xF0 == 0xF0:
        return AAC
    # A bitrate index of 15 and a sampling index of 3 are forbidden, which tells frames from UTF-16 text.
    return MP3 if layer == 0b01 and head[2] >> 4 != 0xF and head[2] >> 2 & 0b11 != 0b11 else None


def _is_transport_stream(head: bytes) -> bool:
    starts = head[: 4 * MPEGTS_PACKET : MPEGTS_PACKET]
    return len(head) >= MPEGTS_PACKET and set(starts) == {0x47}
