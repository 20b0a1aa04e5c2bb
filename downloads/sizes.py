"""What a download would weigh and how long it would take, as far as site and account let one tell."""

from typing import Any

from django.db.models import F

from downloads.choices import Kind, Quality, State
from downloads.models import Download
from downloads.specs import Wish
from kapture.gateways.media.types import About

# The downloads whose speeds are looked at, and the fewest that tell anything.
RECENT = 10
FEWEST = 2


def size_of(about: About, wish: Wish) -> int | None:
    """Bytes of the media as wished, before any conversion; None where the site does not tell."""
    sizes = dict(about.sizes)
    if wish.kind == Kind.AUDIO:
        return sizes.get(0)
    if wish.kind == Kind.IMAGE:
        return None
    heights = [height for height, _ in about.sizes if height]
    if wish.quality == Quality.BEST:
        return about.size or (sizes[heights[0]] if heights else None)
    tallest = int(wish.quality)
    known = set(about.heights) | ({about.height} if about.height else set())
    if known and max(known) <= tallest:
        return about.size or (sizes[heights[0]] if heights else None)
    # As the downloader chooses: the tallest up to the wish, else the smallest above.
    fitting = max((height for height in known if height <= tallest), default=min(known, default=0))
    return sizes.get(fitting) if fitting else None


def picture_of(about: About, wish: Wish) -> int | None:
    """The height of the picture that a wish would bring; None where the site does not tell, or for sound."""
    known = about.heights or ((about.height,) if about.height else ())
    if wish.kind != Kind.VIDEO or not known:
        return None
    if wish.quality == Quality.BEST:
        return max(known)
    tallest = int(wish.quality)
    return max((height for height in known if height <= tallest), default=min(known))


def speed_of(user: Any) -> float | None:
    """Bytes a second of somebody's recent downloads, from start to end, the middle one; None after fewer than two."""
    done = Download.objects.for_user(user).filter(state=State.COMPLETED, parent=None, job__started_at__isnull=False)
    took = done.annotate(took=F("completed_at") - F("job__started_at")).order_by("-created_at", "-id")
    speeds = sorted(
        size / seconds.total_seconds()
        for size, seconds in took.values_list("size", "took")[:RECENT]
        if seconds and seconds.total_seconds() > 0
    )
    return speeds[len(speeds) // 2] if len(speeds) >= FEWEST else None
