"""The register of what must happen when an account ends, filled by each room when it is loaded.

`accounts.closing.performing` goes through the stages in the order of `Stage`, and through the parts of a stage in the
order of their numbers. A part may run any number of times and after a crash in its middle: it looks at what is there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Model


class Stage(StrEnum):
    """What a part does."""

    # Ends work in progress, so that nothing writes any more.
    STOP = "stop"
    # Tells a vendor, who may be away for days; outside of any transaction.
    LEAVE = "leave"
    # Deletes what belongs to the person, or takes from it whatever tells who they were.
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to do for a user; `name` is also the name of the point at which a test may kill the worker."""

    name: str
    stage: Stage
    order: int
    do: Callable[[Any], None]


_parts: dict[str, Part] = {}
_kept: dict[type[Model], str] = {}
_warnings: list[Callable[[Any], str]] = []


def register(stage: Stage, name: str, order: int, do: Callable[[Any], None]) -> None:
    """Add a part; `do` gets the user, keeps its transactions short, and raises a `DomainError` to be called later."""
    _parts[name] = Part(name, stage, order, do)


def parts(stage: Stage) -> list[Part]:
    """The parts of a stage in their order."""
    return sorted((part for part in _parts.values() if part.stage is stage), key=lambda part: (part.order, part.name))


def keep(model: type[Model], why: str) -> None:
    """Name rows that stay when their owner goes, and what for; rows of every other model with an owner must go."""
    _kept[model] = why


def kept() -> dict[type[Model], str]:
    """What stays, and why."""
    return dict(_kept)


def warn(words: Callable[[Any], str]) -> None:
    """Add a sentence that somebody reads before they end their account; an empty one is left out."""
    _warnings.append(words)


def warnings(user: Any) -> list[str]:
    """What somebody should know first."""
    return list(filter(None, (words(user) for words in _warnings)))
