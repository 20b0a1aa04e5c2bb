"""Every route there is, read from the resolver."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True, slots=True)
class Route:
    """A route: its full name (`?` for one without), its pattern, and the names of the values in its address."""

    name: str
    pattern: str
    values: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        """Whether programs call it."""
        return self.name.startswith("api:")

    @property
    def is_admin(self) -> bool:
        """Whether it belongs to the staff admin, which has one rule for all its routes."""
        return self.name.startswith("admin:") or self.pattern.startswith("admin/")


def routes() -> list[Route]:
    """All routes of the project."""
    return list(_walk(get_resolver().url_patterns, "", "", ()))


def _walk(
    patterns: Sequence[URLPattern | URLResolver], space: str, before: str, values: tuple[str, ...]
) -> Iterator[Route]:
    for entry in patterns:
        pattern: Any = entry.pattern
        names = (*values, *(pattern.converters or pattern.regex.groupindex))
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry.url_patterns, inner, before + str(pattern), names)
        else:
            yield Route(f"{space}{entry.name or '?'}", before + str(pattern), tuple(dict.fromkeys(names)))
