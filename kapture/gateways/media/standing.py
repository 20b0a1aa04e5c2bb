"""Who fetches for this machine and how the download service stands, for health pages: they ask nobody themselves."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.cache import cache
from django.utils import timezone

from kapture.core.health import DOWN, OK
from kapture.gateways.breaker import BreakerState, reading
from kapture.gateways.media.line import CONTRACT, Line
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.remote import SERVICE
from kapture.gateways.media.switch import is_remote

KEY: Final = "fetching:standing"
# Three rounds of the clock that asks.
KEPT_SECONDS: Final = 180
ASK_SECONDS: Final = 5.0
REFUSED: Final = "The download service refused the token; see YTDLP_SERVICE_TOKEN."


def probe() -> tuple[str, str]:
    """A health probe: this machine, or what the service said when a clock asked it last."""
    if not is_remote():
        return OK, "This machine fetches for itself."
    known = reading(SERVICE)
    if known.state is BreakerState.OPEN:
        return DOWN, f"The download service failed {known.failures} times; the next try is in {known.retry_after} s."
    status, detail = cache.get(KEY) or (OK, "Another machine fetches for this one; it was not asked lately.")
    return status, detail


def ask_service() -> None:
    """Ask the service how it stands and keep the answer for health pages; nothing where there is no service."""
    if is_remote():
        cache.set(KEY, _asked(), timeout=KEPT_SECONDS)


def _asked() -> tuple[str, str]:
    at = f"at {timezone.now():%H:%M} UTC"
    try:
        with Line() as line:
            values = line.ask("GET", "/health", seconds=ASK_SECONDS).values
    except FetchFailed as failure:
        if failure.reason == Reason.SERVICE_REFUSED:
            return DOWN, REFUSED
        return DOWN, f"The download service did not answer {at}."
    if values.get("contract") != CONTRACT:
        return DOWN, f"What answered {at} is no download service of this version; see YTDLP_SERVICE_URL."
    # It tells whoever has no right token that it lives, and no more.
    return _told(values, at) if "places" in values else (DOWN, REFUSED)


def _told(values: Mapping[str, Any], at: str) -> tuple[str, str]:
    """How busy the service is, and what it says of its own parts."""
    taken = f"{values.get('running')} of its {values['places']} places were taken."
    parts = values.get("checks")
    checks = {name: tuple(told) for name, told in parts.items()} if isinstance(parts, dict) else {}
    lines = [f"{name}: {' '.join(map(str, told[1:]))}" for name, told in checks.items()]
    is_down = any(told[:1] == (DOWN,) for told in checks.values())
    return DOWN if is_down else OK, " ".join([f"Another machine fetches for this one; {at} {taken}", *lines])
