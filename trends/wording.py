"""Words for a trend where the platform gave none of its own."""

import re

from kapture.core.choices import Platform

# What a card calls a post that has no length to show.
KINDS = {"text": "Text", "link": "Link", "image": "Image", "video": "Video", "short": "Short"}
# The end of a sentence that is long enough to stand for the post.
SENTENCE = re.compile(r"(.{20,140}?[.!?…。！？])(?:\s|$)")
LONGEST = 140


def parted(*, title: str, text: str, name: str, platform: str) -> tuple[str, str]:
    """A headline and the words below it: the title and the text; without a title the first sentence and the rest."""
    if title:
        return title, text
    stripped = text.strip()
    if not stripped:
        return (f"Post by {name}" if name else f"{Platform(platform).label} post"), ""
    line, _, below = stripped.partition("\n")
    sentence = SENTENCE.match(line)
    head = sentence[1] if sentence else line if len(line) <= LONGEST else f"{line[:LONGEST].rsplit(' ', 1)[0]}…"
    rest = f"{line[len(sentence[1]) :]}\n{below}" if sentence else below if len(line) <= LONGEST else stripped
    return head, rest.strip()


def headline(*, title: str, text: str, name: str, platform: str) -> str:
    """What stands for a post in one line."""
    return parted(title=title, text=text[: 4 * LONGEST], name=name, platform=platform)[0]


def byline(*, platform: str, name: str, handle: str, community: str) -> str:
    """Who published a post, as people write it on its platform."""
    if platform == Platform.REDDIT:
        return community or name
    if handle and platform in (Platform.TIKTOK, Platform.X):
        return f"@{handle}"
    return name or handle


def kind_of(*, content_type: str, platform: str) -> str:
    """What a post is made of, in a word."""
    return "Post" if content_type == "text" and platform == Platform.X else KINDS[content_type]


def reach_noun(*, has_views: bool, platform: str) -> str:
    """What the reach of a post counts."""
    if has_views:
        return "views"
    return "points" if platform == Platform.REDDIT else "likes"
