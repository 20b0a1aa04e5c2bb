"""Words for a trend where the platform gave none of its own."""

from kapture.core.choices import Platform

# What a card calls a post that has no length to show.
KINDS = {"text": "Text", "link": "Link", "image": "Image", "video": "Video", "short": "Short"}


def headline(*, title: str, text: str, name: str, platform: str) -> str:
    """What stands for a post in one line: its title, else how its text begins, else who wrote it."""
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return title or first[:140] or (f"Post by {name}" if name else f"{Platform(platform).label} post")


def byline(*, platform: str, name: str, handle: str, community: str) -> str:
    """Who published a post, as people write it on its platform."""
    if platform == Platform.REDDIT:
        return community or name
    if handle and platform in (Platform.TIKTOK, Platform.X):
        return f"@{handle}"
    return name or handle


def reach_noun(*, has_views: bool, platform: str) -> str:
    """What the reach of a post counts."""
    if has_views:
        return "views"
    return "points" if platform == Platform.REDDIT else "likes"
