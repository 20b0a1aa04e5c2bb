"""What goes into a fetch and what comes out of it, as values that travel between the two processes as JSON."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class MediaKind(StrEnum):
    """What the user wants from the address."""

    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"


class Quality(StrEnum):
    """The tallest picture wanted, in lines."""

    BEST = "best"
    P1080 = "1080"
    P720 = "720"
    P480 = "480"


class Target(StrEnum):
    """The file format wanted; KEEP takes what the site gives, in a container that browsers play."""

    KEEP = ""
    MP4 = "mp4"
    WEBM = "webm"
    GIF = "gif"
    MP3 = "mp3"
    M4A = "m4a"


TARGETS: dict[MediaKind, tuple[Target, ...]] = {
    MediaKind.VIDEO: (Target.KEEP, Target.MP4, Target.WEBM, Target.GIF),
    MediaKind.AUDIO: (Target.KEEP, Target.MP3, Target.M4A),
    MediaKind.IMAGE: (Target.KEEP,),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may use at most: bytes of a file, seconds in all, and how slow it may get.

    A transfer below `min_speed` bytes per second over `slow_seconds` is given up, and so is a page that takes longer
    than `look_seconds` to look at.
    """

    max_bytes: int = 2 << 30
    max_seconds: float = 1800.0
    min_speed: int = 20 << 10
    slow_seconds: float = 60.0
    look_seconds: float = 90.0
    socket_seconds: float = 10.0
    memory_bytes: int = 2 << 30
    free_space: int = 256 << 20


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One address to fetch, how, within which limits; `allow` opens single `host:port` pairs that are not public."""

    url: str
    kind: MediaKind = MediaKind.VIDEO
    quality: Quality = Quality.BEST
    target: Target = Target.KEEP
    limits: Limits = field(default_factory=Limits)
    allow: tuple[str, ...] = ()


class Stage(StrEnum):
    """What a running fetch is doing."""

    LOOKING = "Looking at the page"
    VIDEO = "Downloading video"
    AUDIO = "Downloading audio"
    MEDIA = "Downloading"
    MERGING = "Merging audio and video"
    CONVERTING = "Converting"
    CHECKING = "Checking the file"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fetch is: `fraction` 0..1 of all work, `size` and `total` in bytes, `speed` in bytes/s, `eta` in s."""

    stage: Stage
    fraction: float | None = None
    size: int | None = None
    total: int | None = None
    speed: float | None = None
    eta: float | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What the site says about the media, apart from what the file turns out to be; unknown is empty or None."""

    title: str = ""
    author: str = ""
    extractor: str = ""
    webpage_url: str = ""
    poster_url: str = ""
    duration: float | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    heights: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the finished file is, read from the file itself: seconds, pixels, bytes; audio has no pixels."""

    container: str
    content_type: str
    suffix: str
    size: int
    sha256: str
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    video_codec: str = ""
    audio_codec: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A finished fetch: the file and its thumbnail lie in the scratch folder until the caller takes them."""

    about: About
    facts: Facts
    path: Path
    thumbnail: Path | None
