"""What rooms add to the frame of every page, without the frame knowing the rooms.

A room registers a provider in its `wiring.py`. `base.html` reads these names when they are present:

* `usage`: sequence of objects with kind, label, used, held, limit, remaining, resets_at
* `plan`: name of the plan
* `boards`: sequence of (title, url, colour), colour being one of `HUES`
* `active_jobs`: number of jobs that wait or run
* `counts`: mapping of a room's name to the number beside its link
* `unread`: number of notifications that were not read
* `samples`: names of the vendors that are stand-ins
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest

Provider = Callable[[HttpRequest], Any]
HUES = ("violet", "teal", "amber", "rose", "blue", "green", "orange", "slate")
_providers: dict[str, Provider] = {}


def register(name: str, provider: Provider) -> None:
    """Give the frame one piece of data; a second provider of the same name is a mistake and raises `ValueError`."""
    if _providers.get(name, provider) is not provider:
        raise ValueError(f"The page frame already has a provider of {name!r}.")
    _providers[name] = provider


def hue_of(value: object) -> str:
    """One of the eight colour names, always the same for the same value."""
    return HUES[zlib.crc32(str(value).encode()) % len(HUES)]


class Shell:
    """The registered data of one request; each provider runs at most once, and only for somebody signed in."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            provider = _providers[name]
            self._known[name] = provider(self._request) if self._request.user.is_authenticated else None
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in _providers

    def __iter__(self) -> Iterator[str]:
        return iter(_providers)
