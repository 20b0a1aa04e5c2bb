"""What the scraping gateway takes and gives: one shape for a post of any platform."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.db.models import TextChoices

from kapture.core.choices import Platform


class ContentType(TextChoices):
    """What a post is made of."""

    VIDEO = "video", "Video"
    SHORT = "short", "Short"
    IMAGE = "image", "Image"
    TEXT = "text", "Text"
    LINK = "link", "Link"


class DatePrecision(TextChoices):
    """How well the time of publishing is known."""

    EXACT = "exact", "Exact"
    DAY = "day", "Day"
    # Told as "3 weeks ago": true to about half of the named unit.
    RELATIVE = "relative", "Approximate"
    UNKNOWN = "unknown", "Unknown"


class DateRange(TextChoices):
    """How far back a search looks."""

    DAY = "1d", "Past day"
    WEEK = "7d", "Past week"
    MONTH = "30d", "Past month"

    @property
    def days(self) -> int:
        """Length of the range in days."""
        return int(self.value.removesuffix("d"))


class RejectReason(TextChoices):
    """Why an item of an actor is not stored as a post."""

    BAD_SHAPE = "bad_shape", "Not a record"
    ERROR_ITEM = "error_item", "Error reported by the actor"
    NO_RESULTS = "no_results", "Nothing found"
    NO_ID = "no_id", "No usable id"
    COMMENT = "comment", "Comment, not a post"
    COMMUNITY = "community", "Community, not a post"
    PROFILE = "profile", "Profile or channel, not a post"
    BELOW_MIN_VIEWS = "below_min_views", "Fewer views than asked for"
    TOO_OLD = "too_old", "Older than asked for"
    OTHER_LANGUAGE = "other_language", "Other language than asked for"


@dataclass(frozen=True, slots=True)
class ScrapeQuery:
    """A search on one platform; `limit` is the most posts to read (1 to 100), `language` an ISO 639-1 code or empty.

    With `urls` it is a look at these very posts instead, by their canonical addresses; nothing else is filtered then.
    """

    platform: Platform
    keywords: tuple[str, ...]
    limit: int = 10
    date_range: DateRange | None = None
    min_views: int | None = None
    language: str = ""
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """One post as it was at one look.

    Empty text means that the platform did not say. `external_id` is the platform's own id without prefixes, `url` is
    canonical (no tracking, no mobile host). Counters are whole numbers within 64 bits; `likes` of Reddit is the score
    and can be negative. `hashtags` have no `#`, are casefolded and unique, in the order they were found.
    """

    platform: Platform
    external_id: str
    url: str
    content_type: ContentType
    title: str = ""
    text: str = ""
    author_id: str = ""
    author_name: str = ""
    author_handle: str = ""
    author_url: str = ""
    author_followers: int | None = None
    community: str = ""
    published_at: datetime | None = None
    published_precision: DatePrecision = DatePrecision.UNKNOWN
    duration_s: int | None = None
    thumbnail_url: str = ""
    media_url: str = ""
    language: str = ""
    hashtags: tuple[str, ...] = field(default=())
    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that is no post, with the reason and what the item itself says about it."""

    reason: RejectReason
    note: str = ""


class RunState(StrEnum):
    """How far a vendor's run is."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    ABORTED = "aborted"

    @classmethod
    def of(cls, status: str) -> "RunState":
        """From Apify's status words; a word that is not known counts as running, so that it is looked at again."""
        return _STATES.get(status.rpartition(".")[2].upper().replace("_", "-"), cls.RUNNING)

    @property
    def is_over(self) -> bool:
        """Whether nothing will be added any more."""
        return self is not RunState.RUNNING


_STATES = {
    "SUCCEEDED": RunState.SUCCEEDED,
    "FAILED": RunState.FAILED,
    "TIMED-OUT": RunState.TIMED_OUT,
    "ABORTED": RunState.ABORTED,
}


@dataclass(frozen=True, slots=True)
class VendorRun:
    """A run at the vendor: `ref` and `dataset_ref` find it again, `cost_usd` is what it has cost so far, if told.

    Of a vendor that keeps no runs, `ref` is how many steps of the search are done.
    """

    ref: str
    dataset_ref: str
    state: RunState
    message: str = ""
    cost_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a run, the position after them, and how many there are by now; `ref` is set when it moved."""

    items: tuple[object, ...]
    next_offset: int
    total: int
    ref: str = ""
