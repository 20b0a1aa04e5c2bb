"""Requests that are rehearsed: checked and priced in full, and without effect, inside the house or outside."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


class WouldCall(Exception):
    """A rehearsed request has come to the call of a vendor, which it does not make: there is nothing left to refuse."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


@dataclass(slots=True)
class DryRun:
    """What the request that is rehearsed would take: units, and how the caller would stand then (`meta.usage`)."""

    units: int = 0
    standing: Mapping[str, Any] = field(default_factory=dict)

    def note(self, units: int, standing: Mapping[str, Any]) -> None:
        """Remember that units were reserved, and what is left after them."""
        self.units += units
        self.standing = standing


dry_run: ContextVar[DryRun | None] = ContextVar("dry_run", default=None)


def stop_before_call(service: str) -> None:
    """Raise `WouldCall` in a rehearsal; every door to a vendor asks before it opens."""
    if dry_run.get() is not None:
        raise WouldCall(service)
