"""Words of the room: what may be asked for, and how it stands."""

from django.db.models import TextChoices

from kapture.gateways.media.types import TARGETS, MediaKind, Target


class Kind(TextChoices):
    """What is wanted from an address."""

    VIDEO = "video", "Video"
    AUDIO = "audio", "Audio"
    IMAGE = "image", "Image"


class Quality(TextChoices):
    """The tallest picture wanted."""

    BEST = "best", "Best"
    P1080 = "1080", "1080p"
    P720 = "720", "720p"
    P480 = "480", "480p"


class Format(TextChoices):
    """The file format wanted; empty keeps what the site gives."""

    KEEP = "", "Original"
    MP4 = "mp4", "MP4"
    WEBM = "webm", "WebM"
    GIF = "gif", "GIF"
    MP3 = "mp3", "MP3"
    M4A = "m4a", "M4A"


class State(TextChoices):
    """Where a download stands; while ACTIVE, its job tells whether it waits or runs."""

    ACTIVE = "active", "In progress"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


def formats_of(kind: Kind) -> tuple[Format, ...]:
    """The formats that a kind can be brought into."""
    return tuple(Format(target.value) for target in TARGETS[MediaKind(kind.value)])


def fits(kind: Kind, wanted: Format) -> bool:
    """Whether a kind can be brought into a format."""
    return Target(wanted.value) in TARGETS[MediaKind(kind.value)]
