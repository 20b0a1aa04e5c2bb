"""What a sample post's address says about its media: the look and the length, from the slug alone.

The maker of sample posts and the video site know nothing of each other; both read the slug.
"""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote

LOOKS = (
    "sunset-plum", "mountains-teal", "mountains-dusk", "skyline-rose", "skyline-blue", "bokeh-violet", "lamp-amber",
    "waves-cyan", "sunset-gold", "bokeh-green",
)  # fmt: skip
LONGEST = 1800
_SECONDS = re.compile(r"~(\d{1,4})$")


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip: its look, its length in seconds, a seed for details, and the title people read."""

    slug: str
    look: str
    seconds: int
    seed: int
    title: str


def slug_of(title: str, key: str, seconds: int) -> str:
    """A slug that keeps the title readable: `The_quiet_way~dQ3…~412` (to be quoted for a URL)."""
    words = re.sub(r"[\s_/~?#\\]+", "_", title).strip("_")[:90].strip("_")
    return f"{words}~{key}~{seconds}"


def path_of(slug: str) -> str:
    """A slug as one segment of a URL's path."""
    return quote(slug, safe="~,!'():@$")


def clip_of(slug: str) -> Clip:
    """The clip any slug stands for: a length at its end counts (0: nothing to play), otherwise 6 to 30 seconds."""
    seed = int.from_bytes(hashlib.sha256(slug.encode()).digest()[:6], "big")
    told = _SECONDS.search(slug)
    seconds = min(int(told[1]), LONGEST) if told else 6 + seed % 25
    title = slug.split("~", 1)[0].replace("_", " ").strip() or slug
    return Clip(slug, LOOKS[seed % len(LOOKS)], seconds, seed, title)
