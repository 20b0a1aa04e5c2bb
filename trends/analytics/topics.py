"""What posts are about: their hashtags, and for posts without any the same words in their text."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple
from uuid import UUID

# A hashtag names a topic when two posts carry it; words below four letters are too common to name one.
CARRIED: Final = 2
SHORTEST: Final = 4
WORDS_READ: Final = 200
WORD = re.compile(r"\w+")


class Post(NamedTuple):
    """What the comparison of platforms needs to know of a post; `words` are read where it has no hashtag."""

    pk: UUID
    platform: str
    hashtags: Sequence[str]
    reach: int
    at: datetime
    precision: str
    words: str = ""


def vocabulary(posts: Iterable[Post]) -> set[str]:
    """The hashtags that name topics."""
    counted = Counter(tag for post in posts for tag in set(post.hashtags))
    return {tag for tag, count in counted.items() if count >= CARRIED}


def topics_of(post: Post, known: set[str]) -> set[str]:
    """The known topics of a post; "Desk setup tour" without a hashtag is about #desksetup, #desk and #tour."""
    if post.hashtags:
        return known.intersection(post.hashtags)
    words = WORD.findall(post.words.casefold())
    joined = {*words, *(first + second for first, second in pairwise(words))}
    return {word for word in joined if len(word) >= SHORTEST} & known
