"""The people behind sample posts: a few regulars for each keyword, each with a usual reach of their own."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from random import Random

from kapture.sandbox.phrases import COMMUNITIES, FAMILY, GIVEN, SIGNATURES, STUDIOS

REGULARS = 9
# Median views of a typical author (upvotes on Reddit); authors spread log-normally around it.
_USUAL = {"youtube": 38_000, "tiktok": 95_000, "reddit": 240, "x": 21_000}


@dataclass(frozen=True, slots=True)
class Author:
    """One person or small studio; `usual_views` is the median their posts end at."""

    key: str
    name: str
    handle: str
    signature: str
    community: str
    followers: int
    posts: int
    verified: bool
    joined: datetime
    usual_views: float


def author_of(platform: str, keyword: str, rng: Random) -> Author:
    """One of the keyword's regulars; the first ones post most often."""
    weights = [1 / (rank + 1.3) for rank in range(REGULARS)]
    return _regular(platform, keyword.casefold(), rng.choices(range(REGULARS), weights)[0])


@lru_cache(maxsize=5_000)
def _regular(platform: str, keyword: str, rank: int) -> Author:
    rng = Random(f"{platform}|{keyword}|author|{rank}")
    given, family, studio = rng.choice(GIVEN), rng.choice(FAMILY), rng.choice(STUDIOS)
    personal = rng.random() < 0.6
    name = f"{given} {family}" if personal else studio.title()
    joint = rng.choice((".", "_", ""))
    plain = f"{given}{joint}{family}" if personal else studio.replace(" ", joint)
    digest = hashlib.sha256(f"{platform}|{keyword}|{rank}|{plain}".encode()).hexdigest()
    usual = _USUAL[platform] * rng.lognormvariate(0, 0.9)
    return Author(
        key=digest[:22],
        name=name,
        handle=f"{plain.lower()}{rng.randint(10, 99) if rng.random() < 0.35 else ''}",
        signature=rng.choice(SIGNATURES),
        community=rng.choice(COMMUNITIES),
        followers=int(usual * rng.uniform(0.8, 9)),
        posts=rng.randint(40, 1400),
        verified=rng.random() < 0.25,
        joined=datetime.fromtimestamp(rng.randint(1_300_000_000, 1_690_000_000), UTC),
        usual_views=usual,
    )
