"""Sample posts: a keyword always meets the same people and posts, new ones appear with time, counters grow.

Time is cut into slots; each slot of a keyword on a platform holds one post whose facts come from a seed. What a look
finds is a mixture of the newest slots; what it counts follows a saturating curve from the moment of publication.
"""

import base64
import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from random import Random

from kapture.sandbox.clips import slug_of
from kapture.sandbox.people import Author, author_of
from kapture.sandbox.phrases import FILLERS, REDDIT_TITLES, SENTENCES, TAGS, TIKTOK_TEXTS, X_TEXTS, YOUTUBE_TITLES

YOUTUBE, TIKTOK, REDDIT, X = "youtube", "tiktok", "reddit", "x"
PLATFORMS = (YOUTUBE, TIKTOK, REDDIT, X)
HOUR = 3600.0
# A look reads this many slots at least, so that the mixture does not depend on how many posts are wanted.
SLOTS_READ = 160
# One post in so many belongs to every keyword of its platform; the same id then comes twice, as in real datasets.
SHARED_EVERY = 11
SHARED_WIDTH = 12 * HOUR
SHARED_KEYWORDS = ("b-roll", "editing", "storytelling", "vlogging", "sound design")
_PATTERNS = {YOUTUBE: YOUTUBE_TITLES, TIKTOK: TIKTOK_TEXTS, REDDIT: REDDIT_TITLES, X: X_TEXTS}
# Likes, comments, shares and saves for one view (for Reddit: for one upvote), as ranges.
_RATES = {
    YOUTUBE: ((0.022, 0.06), (0.0015, 0.007), (0.001, 0.004), (0.0, 0.0)),
    TIKTOK: ((0.06, 0.18), (0.0015, 0.009), (0.002, 0.02), (0.004, 0.03)),
    REDDIT: ((1.0, 1.0), (0.06, 0.4), (0.0, 0.0), (0.0, 0.0)),
    X: ((0.009, 0.032), (0.0008, 0.005), (0.001, 0.007), (0.001, 0.009)),
}


# Platform, keyword, slot and its width: all that a post follows from.
Origin = tuple[str, str, int, float]


@dataclass(frozen=True, slots=True)
class Draft:
    """What never changes about a post; `views` is where its counter ends, `pace` the seconds to 63 % of it."""

    platform: str
    keyword: str
    number: int
    key: str
    title: str
    text: str
    author: Author
    hashtags: tuple[str, ...]
    published: datetime
    seconds: int
    medium: str
    slug: str
    views: float
    pace: float
    rates: tuple[float, float, float, float]
    appeal: float
    origin: Origin


@dataclass(frozen=True, slots=True)
class Post:
    """A draft as it looks at one moment."""

    draft: Draft
    views: int
    likes: int
    comments: int
    shares: int
    saves: int


def look(
    platform: str, keyword: str, count: int, now: datetime, within: float | None = None, *, growth: float = 1.0
) -> list[Post]:
    """Up to `count` posts a search for `keyword` finds at `now`, best first; `within` seconds of age when given."""
    width = _width(platform, keyword)
    newest = int(now.timestamp() / width)
    drafts = (draft(platform, keyword, newest - back) for back in range(max(SLOTS_READ, 3 * count)))
    known = [item for item in drafts if item.published <= now]
    if within is not None:
        known = [item for item in known if (now - item.published).total_seconds() <= within]
    ranked = sorted(known, key=lambda item: _rank(item, now), reverse=True)
    return [at(item, now, growth) for item in ranked[:count]]


def at(item: Draft, now: datetime, growth: float = 1.0) -> Post:
    """The counters of a post at a moment: they saturate like 1 - exp(-age / pace) and creep on by 2 % per e-fold.

    `growth` is how many times as old as it is the post counts as, for seeing counters move without waiting.
    """
    age = max((now - item.published).total_seconds() * growth, 60.0)
    grown = (1 - math.exp(-age / item.pace)) * (1 + 0.02 * math.log1p(age / item.pace))
    views = int(item.views * grown) + 1
    likes, comments, shares, saves = (int(views * rate) for rate in item.rates)
    return Post(item, views, likes, comments, shares, saves)


@lru_cache(maxsize=50_000)
def draft(platform: str, keyword: str, slot: int) -> Draft:
    """The post of one slot; every detail follows from platform, keyword and slot."""
    width = _width(platform, keyword)
    if slot % SHARED_EVERY == 0:
        slot, width = int(slot * width / SHARED_WIDTH), SHARED_WIDTH
        keyword = SHARED_KEYWORDS[slot % len(SHARED_KEYWORDS)]
    return drawn(platform, keyword, slot, width)


def drawn(platform: str, keyword: str, slot: int, width: float) -> Draft:
    """The post of an origin."""
    rng = Random(f"{platform}|{keyword.casefold()}|{slot}")
    author = author_of(platform, keyword, rng)
    published = datetime.fromtimestamp(int((slot + rng.random()) * width), UTC)
    number = rng.getrandbits(48)
    key = key_of(platform, number, published)
    title = _filled(rng.choice(_PATTERNS[platform]), keyword, rng)
    medium = _medium(platform, rng)
    seconds = _seconds(platform, medium, rng)
    boost = rng.uniform(3, 10) if rng.random() < 0.13 else 1.0
    return Draft(
        platform=platform,
        keyword=keyword,
        number=number,
        key=key,
        title=title,
        text=_text(platform, title, keyword, rng),
        author=author,
        hashtags=_hashtags(keyword, rng),
        published=published,
        seconds=seconds,
        medium=medium,
        slug=slug_of(title, key, seconds),
        views=author.usual_views * boost * rng.lognormvariate(0, 0.38),
        pace=rng.uniform(7, 44) * HOUR,
        rates=tuple(rng.uniform(*bounds) for bounds in _RATES[platform]),  # type: ignore[arg-type]
        appeal=rng.uniform(0, 4) + (2 if boost > 1 else 0),
        origin=(platform, keyword, slot, width),
    )


def key_of(platform: str, number: int, published: datetime) -> str:
    """An id as the platform makes them: TikTok's and X's carry their time."""
    moment = published.timestamp()
    if platform == TIKTOK:
        return str((int(moment) << 32) | (number & 0xFFFFFFFF))
    if platform == X:
        return str(((int(moment * 1000) - 1_288_834_974_657) << 22) | (number & 0x3FFFFF))
    if platform == REDDIT:
        return _base36(int(moment) * 8 + number % 8)
    return base64.urlsafe_b64encode(hashlib.sha256(str(number).encode()).digest())[:11].decode()


@lru_cache(maxsize=5_000)
def _width(platform: str, keyword: str) -> float:
    return Random(f"{platform}|{keyword.casefold()}|width").uniform(1.1, 3.4) * HOUR


def _rank(item: Draft, now: datetime) -> float:
    return item.appeal - (now - item.published).total_seconds() / (2.5 * 24 * HOUR)


def _filled(pattern: str, keyword: str, rng: Random) -> str:
    word = keyword.strip().lstrip("#")
    gaps = {name: rng.choice(values) for name, values in FILLERS.items()}
    return pattern.format(kw=word, Kw=word[:1].upper() + word[1:], **gaps)


def _text(platform: str, title: str, keyword: str, rng: Random) -> str:
    if platform in (TIKTOK, X):
        return title
    count = rng.choice((0, 1, 2, 3)) if platform == YOUTUBE else rng.choice((2, 3, 4, 6))
    return " ".join(_filled(sentence, keyword, rng) for sentence in rng.sample(SENTENCES, count))


def _hashtags(keyword: str, rng: Random) -> tuple[str, ...]:
    own = "".join(letter for letter in keyword.casefold() if letter.isalnum()) or "sample"
    return (own, *rng.sample(TAGS, rng.choice((0, 1, 2, 3, 4))))


def _medium(platform: str, rng: Random) -> str:
    if platform == YOUTUBE:
        return "short" if rng.random() < 0.35 else "video"
    if platform == TIKTOK:
        return "slideshow" if rng.random() < 0.05 else "video"
    return rng.choice(("text", "text", "text", "image", "video"))


def _seconds(platform: str, medium: str, rng: Random) -> int:
    if medium in ("text", "image", "slideshow"):
        return 0
    if platform == YOUTUBE and medium == "video":
        return int(rng.triangular(150, 1500, 520))
    return int(rng.triangular(9, 59, 24))


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"
