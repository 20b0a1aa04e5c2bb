"""The register of what to do about events, filled by the rooms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kapture.inbox.models import WebhookEvent


class Ignored(Exception):
    """Raised by `fetch`: the event is about nothing of ours; the message says why."""


@dataclass(frozen=True, slots=True)
class Handler:
    """How one kind of event is applied.

    Events tell that something changed, never what it is now: `fetch` asks the vendor for the latest state while
    nobody else works on the object named by `concerns`, and `apply` writes it in one transaction.
    """

    concerns: Callable[[WebhookEvent], str]
    fetch: Callable[[WebhookEvent], Any]
    apply: Callable[[WebhookEvent, Any], None]


_handlers: dict[tuple[str, str], Handler] = {}


def register(provider: str, kind: str, handler: Handler) -> None:
    """Name what to do about one kind of event of a provider."""
    _handlers[provider, kind] = handler


def find(provider: str, kind: str) -> Handler | None:
    """What to do about it, if anything."""
    return _handlers.get((provider, kind))
