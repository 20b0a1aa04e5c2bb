"""What the authors of a batch usually reach, and how the others of their posts stood at the age of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kapture.core.choices import Platform
from kapture.gateways.scraping import Post
from trends import rows
from trends.scoring import AUTHOR_POSTS, MIN_AUTHOR_POSTS, Age, Counters, Usual, comparable, usual

Look = tuple[datetime, int]


def author_key(post: Post) -> str:
    """What tells authors apart within a platform: the handle, which every kind of item has, else id, else name."""
    return (post.author_handle or post.author_id or post.author_name).casefold()[:200]


def counters_of(post: Post) -> Counters:
    """The measurements of a post."""
    return Counters(post.views, post.likes, post.comments, post.shares)


@dataclass(slots=True)
class _Standing:
    """A post of an author: its reach at its last look, and at which ages (in hours) it had what reach."""

    reach: int
    published_at: datetime | None
    looks: list[tuple[float, int]] = field(default_factory=list)

    def add(self, looks: Iterable[Look]) -> None:
        if self.published_at:
            self.looks += [(Age.between(self.published_at, at).hours, reach) for at, reach in looks]


class Authors:
    """The posts of some authors, read in two statements however many they are."""

    def __init__(self, posts: Sequence[Post], now: datetime) -> None:
        self.now = now
        self.known: dict[str, dict[str, _Standing]] = {}
        for post in posts:
            if key := author_key(post):
                reach = counters_of(post).reach
                standing = _Standing(reach, post.published_at)
                standing.add([(now, reach)])
                self.known.setdefault(key, {})[post.external_id] = standing

    @classmethod
    def of(cls, cursor: Any, owner_id: UUID, platform: Platform, posts: Sequence[Post], now: datetime) -> "Authors":
        """The authors of a batch, its posts with their new figures and the others as they were seen last."""
        authors = cls(posts, now)
        stored = rows.author_posts(cursor, owner_id, platform, list(authors.known), limit=AUTHOR_POSTS)
        earlier = rows.earlier_looks(cursor, stored)
        for row in stored:
            standing = authors.known[row.author_key].setdefault(row.external_id, _Standing(row.reach, row.published_at))
            standing.add([*earlier.get(row.id, ()), (row.scraped_at, row.reach)])
        return authors

    def usual(self, post: Post, recent: Sequence[int]) -> Usual:
        """What a post of the batch is compared with; `recent` is the reach of the platform's latest posts."""
        mine = self.known.get(author_key(post), {})
        at_age: list[int] = []
        if post.published_at and len(mine) >= MIN_AUTHOR_POSTS:
            age = Age.between(post.published_at, self.now).hours
            alike = (comparable(age, other.looks) for key, other in mine.items() if key != post.external_id)
            at_age = [counters_of(post).reach, *(reach for reach in alike if reach is not None)]
        return usual([standing.reach for standing in mine.values()], recent, at_age=at_age)
