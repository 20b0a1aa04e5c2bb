"""Requests that are rehearsed: checked and priced in full, and without effect, inside the house or outside."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction


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


class TakenBack(transaction.Atomic):
    """A transaction that never commits, in which blocks that insist on committing may believe they do."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)
        # Django's own mark of the transaction around a test: `durable` blocks are allowed inside.
        self._from_testcase = True

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        """Roll back, whether or not something went wrong."""
        if kind is None:
            transaction.set_rollback(True)
        super().__exit__(kind, value, traceback)
