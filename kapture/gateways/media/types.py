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
# A picture that moves grows quickly with its length.
GIF_SECONDS = 30.0


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
    """One address to fetch, how, within which limits; `allow` opens single `host:port` pairs that are not public.

    With `subtitles` the captions that the site offers come too; a fetch never fails for the lack of them.
    """

    url: str
    kind: MediaKind = MediaKind.VIDEO
    quality: Quality = Quality.BEST
    target: Target = Target.KEEP
    limits: Limits = field(default_factory=Limits)
    allow: tuple[str, ...] = ()
    subtitles: bool = False


@dataclass(frozen=True, slots=True)
class CutRequest:
    """A piece of a local file: from and to in seconds, as video or audio, in one of the targets of that kind."""

    start: float
    end: float
    kind: MediaKind = MediaKind.VIDEO
    target: Target = Target.MP4
    limits: Limits = field(default_factory=Limits)


class Stage(StrEnum):
    """What a running fetch is doing."""

    LOOKING = "Looking at the page"
    VIDEO = "Downloading video"
    AUDIO = "Downloading audio"
    MEDIA = "Downloading"
    MERGING = "Merging audio and video"
    CONVERTING = "Converting"
    CHECKING = "Checking the file"
    BRINGING = "Bringing the file here"
    CAPTIONS = "Reading the captions"
    CUTTING = "Cutting the clip"


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
class Chapter:
    """A named stretch of a film, in seconds."""

    title: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class About:
    """What the site says about the media, apart from what the file turns out to be; unknown is empty or None.

    `published` is in seconds since 1970, `metrics` are counters by name (views, likes, …), `language` is of the sound.
    """

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
    # Announced bytes by height of the picture, sound included; height 0 is the sound alone.
    sizes: tuple[tuple[int, int], ...] = ()
    description: str = ""
    published: float | None = None
    metrics: dict[str, int] = field(default_factory=dict)
    language: str = ""
    chapters: tuple[Chapter, ...] = ()
    tags: tuple[str, ...] = ()


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
class CaptionFile:
    """Captions of one language as a WebVTT file in the scratch folder; `automatic` ones were made by a machine."""

    language: str
    automatic: bool
    path: Path


@dataclass(frozen=True, slots=True)
class Fetched:
    """A finished fetch: its files lie in the scratch folder until the caller takes them."""

    about: About
    facts: Facts
    path: Path
    thumbnail: Path | None
    captions: tuple[CaptionFile, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All files of it, the media first."""
        return (self.path, *((self.thumbnail,) if self.thumbnail else ()), *(one.path for one in self.captions))
