"""What may be asked for, as values that cannot be wrong."""

from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

from downloads.choices import Format, Kind, Quality, State, fits, formats_of
from kapture.core.choices import Platform
from kapture.core.errors import InvalidInput
from kapture.gateways.egress import check_url
from kapture.gateways.media.engine import allowed
from kapture.gateways.media.types import About
from kapture.jobs.lanes import Lane
from kapture.jobs.models import State as JobState

# The kind of the jobs that fetch.
JOB_KIND = "downloads.fetch"
MAX_BULK = 50
MAX_SEARCH = 200
MAX_REASON = 60
_HOSTS = {
    "youtube.com": Platform.YOUTUBE,
    "youtu.be": Platform.YOUTUBE,
    "youtube-nocookie.com": Platform.YOUTUBE,
    "tiktok.com": Platform.TIKTOK,
    "reddit.com": Platform.REDDIT,
    "redd.it": Platform.REDDIT,
    "x.com": Platform.X,
    "twitter.com": Platform.X,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """How media is wanted: kind, tallest picture, file format. Raises `InvalidInput` for a format of another kind."""

    kind: Kind = Kind.VIDEO
    quality: Quality = Quality.BEST
    convert_to: Format = Format.KEEP

    def __post_init__(self) -> None:
        if not fits(self.kind, self.convert_to):
            possible = ", ".join(one.value for one in formats_of(self.kind) if one)
            said = f"Choose one of {possible}." if possible else "Leave it out."
            raise InvalidInput({"convertTo": [f"{self.kind.label} cannot become {self.convert_to.label}. {said}"]})

    @property
    def key(self) -> str:
        """The wish in one word, as the composer's choice names it: `video:720:`, `audio:best:mp3`."""
        return f"{self.kind.value}:{self.quality.value}:{self.convert_to.value}"

    @classmethod
    def of(cls, key: str) -> "Wish":
        """The wish behind a key; raises `InvalidInput` for anything else."""
        try:
            kind, quality, convert_to = key.split(":")
            return cls(Kind(kind), Quality(quality), Format(convert_to))
        except ValueError as error:
            raise InvalidInput({"wish": ["Choose one of the formats."]}) from error


@dataclass(frozen=True, slots=True)
class DownloadSpec:
    """One address, or one trend's address, and how it is wanted; raises `InvalidInput` unless exactly one is given.

    What is None is decided by the account's policies, else by what the product does by itself; a trend's picture is
    taken as a picture. `told` is what a look at the link showed, so that its row has a title from the start.
    """

    url: str = ""
    trend_id: UUID | None = None
    wish: Wish | None = None
    subtitles: bool | None = None
    lane: Lane | None = None
    told: About | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if bool(self.url) == (self.trend_id is not None):
            raise InvalidInput({"url": ["Give either a link or a trend."]})
        if self.url:
            object.__setattr__(self, "url", plain(self.url))


@dataclass(frozen=True, slots=True)
class DownloadQuery:
    """Which downloads are wanted: all when nothing is given; `q` is looked for in title, author and link."""

    states: tuple[State, ...] = ()
    job_state: JobState | None = None
    kind: Kind | None = None
    platforms: tuple[Platform, ...] = ()
    reason: str = ""
    q: str = ""

    def __post_init__(self) -> None:
        text = " ".join(self.q.split())
        if "\0" in text or len(text) > MAX_SEARCH:
            raise InvalidInput({"q": [f"At most {MAX_SEARCH} ordinary characters."]})
        if "\0" in self.reason or len(self.reason) > MAX_REASON:
            raise InvalidInput({"reason": ["This is no reason of a failure."]})
        object.__setattr__(self, "q", text)


def plain(url: str) -> str:
    """A link in its one spelling; raises `InvalidInput` for one that must not be fetched."""
    return check_url(url, allow=allowed())


def platform_of(url: str) -> Platform | None:
    """The platform a link belongs to by its host; None for the rest of the web."""
    host = (urlsplit(url).hostname or "").lower()
    return next((name for end, name in _HOSTS.items() if host == end or host.endswith(f".{end}")), None)


def distinct(links: Collection[str]) -> list[str]:
    """Pasted links in order, each once."""
    return list(dict.fromkeys(link.strip() for link in links if link.strip()))
