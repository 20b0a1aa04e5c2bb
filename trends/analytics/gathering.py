"""Which topics two platforms or more showed for the first time in a period; pure arithmetic (docs/analytics.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from trends.analytics.topics import Post, topics_of, vocabulary


@dataclass(frozen=True, slots=True)
class Gathered:
    """Posts by topic and platform, of platforms that did not have the topic before; each reached `least`."""

    by_topic: Mapping[str, Mapping[str, Sequence[Post]]]
    least: Mapping[str, int]
    older: int

    @property
    def posts(self) -> list[Post]:
        """Every post about a topic of two platforms or more, once."""
        found = {
            post.pk: post for by_platform in self.by_topic.values() for some in by_platform.values() for post in some
        }
        return list(found.values())


def least_reach(posts: Sequence[Post]) -> dict[str, int]:
    """By platform the reach that half of its posts have, at least 1: what a post must reach to show a topic."""
    found: dict[str, list[int]] = {}
    for post in posts:
        found.setdefault(post.platform, []).append(post.reach)
    return {platform: max(1, round(median(reach))) for platform, reach in found.items()}


def gather(posts: Sequence[Post], before: Sequence[Post]) -> Gathered:
    """The topics that two platforms or more showed for the first time in the period."""
    known, least = vocabulary(posts), least_reach(posts)
    had = {(topic, post.platform) for post in before for topic in topics_of(post, known)}
    found: dict[str, dict[str, list[Post]]] = {}
    for post in posts:
        if post.reach >= least[post.platform]:
            for topic in topics_of(post, known):
                found.setdefault(topic, {}).setdefault(post.platform, []).append(post)
    shared = {topic: by for topic, by in found.items() if len(by) > 1}
    older = {topic for topic, by in shared.items() if any((topic, platform) in had for platform in by)}
    fresh = {
        topic: {platform: some for platform, some in by.items() if (topic, platform) not in had}
        for topic, by in shared.items()
    }
    return Gathered({topic: by for topic, by in fresh.items() if len(by) > 1}, least, len(older))
