"""Who searches which platform here, as the search form shows it."""

from collections.abc import Collection
from dataclasses import dataclass

from kapture.gateways.scraping import choices
from trends.standing import Resting, listed, resting


@dataclass(frozen=True, slots=True)
class Option:
    """A platform that can be chosen, or cannot and why."""

    value: str
    label: str
    on: bool
    why: str


def switched_on() -> list[str]:
    """The platforms that somebody asks here."""
    return [one.platform.value for one in choices() if one.provider]


def options(chosen: Collection[str]) -> list[Option]:
    """Every platform, and whether it is chosen."""
    return [Option(one.platform.value, one.platform.label, one.platform in chosen, one.why) for one in choices()]


def told() -> list[str]:
    """Who searches what, a sentence each; then what is off and why."""
    found: dict[str, list[str]] = {}
    for one in choices():
        if one.provider:
            found.setdefault(one.provider.label, []).append(one.platform.label)
    asked = [f"{listed(names)} through {label}." for label, names in found.items()]
    return [*asked, *(one.why for one in choices() if one.why)]


def left_alone() -> list[Resting]:
    """The providers that rest at this moment."""
    return resting(sorted({one.provider.name for one in choices() if one.provider}))
