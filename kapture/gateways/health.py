"""How vendors stand, without calling them: what is configured, and what their breakers learnt."""

from collections.abc import Callable

from django.conf import settings

from kapture.core.health import DOWN, OFF, OK, SANDBOX
from kapture.gateways.breaker import BreakerState, reading


def vendor(name: str, setting: str) -> Callable[[], tuple[str, str]]:
    """A health probe of the vendor that `setting` (the name of its key) switches on."""

    def probe() -> tuple[str, str]:
        if not getattr(settings, setting):
            return OFF, f"Set {setting} to switch it on."
        return _standing(name)

    return probe


def key_free(name: str, is_asked: Callable[[], bool]) -> Callable[[], tuple[str, str]]:
    """A health probe of a vendor that needs no key, and is on when something is set up to ask it."""

    def probe() -> tuple[str, str]:
        if not is_asked():
            return OFF, "Nothing is set up to ask it."
        return _standing(name)

    return probe


def _standing(name: str) -> tuple[str, str]:
    known = reading(name)
    if known.state is BreakerState.OPEN:
        return DOWN, f"It failed {known.failures} times; the next try is in {known.retry_after} s."
    return (SANDBOX, "A stand-in with sample data.") if name in settings.SANDBOX else (OK, "")
