"""The owner's own words for trends: tags, and names of categories and views. Pure."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from kapture.core.errors import InvalidInput

MAX_TAGS: Final = 20
MAX_TAG: Final = 50
MAX_NAME: Final = 60


def clean_tag(text: str) -> str:
    """A tag without the sign in front and with single spaces; empty when nothing is left."""
    return " ".join(text.split()).lstrip("#").strip()


def clean_tags(given: Iterable[str]) -> tuple[str, ...]:
    """The tags in order, each once whatever its case; raises `InvalidInput` for too many, too long or broken ones."""
    found = {tag.casefold(): tag for tag in reversed([clean_tag(text) for text in given]) if tag}
    tags = tuple(reversed(found.values()))
    if len(tags) > MAX_TAGS:
        raise InvalidInput({"tags": [f"At most {MAX_TAGS} tags; there are {len(tags)}."]})
    for tag in tags:
        if len(tag) > MAX_TAG:
            raise InvalidInput({"tags": [f"“{tag[:20]}…” is longer than {MAX_TAG} characters."]})
        if "," in tag or "\0" in tag:
            raise InvalidInput({"tags": ["A tag holds no commas and no NUL characters."]})
    return tags


def spelled(tags: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """The tags in the spelling that is in use already, where one is."""
    spelling = {tag.casefold(): tag for tag in known}
    return tuple(spelling.get(tag.casefold(), tag) for tag in tags)


def relabelled(tags: Sequence[str], add: Iterable[str], remove: Collection[str]) -> list[str]:
    """The tags of a trend, by alphabet, after some were added and others, in any case, taken away."""
    gone = {tag.casefold() for tag in remove}
    kept = {tag.casefold(): tag for tag in [*add, *tags]}
    return sorted((tag for key, tag in kept.items() if key not in gone), key=lambda tag: (tag.casefold(), tag))


def clean_name(text: str) -> str:
    """The name of a category or a view, with single spaces; raises `InvalidInput` when it is none."""
    name = " ".join(text.split())
    if not name:
        raise InvalidInput({"name": ["A name is needed."]})
    if len(name) > MAX_NAME:
        raise InvalidInput({"name": [f"At most {MAX_NAME} characters; there are {len(name)}."]})
    if "\0" in name:
        raise InvalidInput({"name": ["The name holds a NUL character."]})
    return name
