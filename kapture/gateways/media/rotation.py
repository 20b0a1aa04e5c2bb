"""Which upstream proxy a fetch takes: each in turn, and none that rests after failing.

How they do is shared through Redis by the breakers of vendors; a process without Redis keeps it for itself.
"""

import hashlib
import itertools
import math
import time
from contextlib import suppress
from typing import Final

from django.conf import settings

from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways import breaker
from kapture.gateways.media.proxy.notes import Notes
from kapture.gateways.media.proxy.upstream import Upstream, parse
from kapture.gateways.media.reasons import FetchFailed, Reason

_turns: Final = itertools.count()
# Failures in a row and the end of a rest, for a process that shares nothing.
_own: Final[dict[str, tuple[int, float]]] = {}


def upstreams() -> tuple[Upstream, ...]:
    """The upstream proxies of this instance."""
    return tuple(parse(text) for text in settings.YTDLP_PROXIES)


def pick() -> Upstream | None:
    """The next proxy that does not rest, None where none is set; raises `FetchFailed` when all of them rest."""
    known = upstreams()
    if not known:
        return None
    turn = next(_turns)
    for step in range(len(known)):
        one = known[(turn + step) % len(known)]
        if not rest_of(one):
            return one
    # Never without: whoever set proxies does not want to be seen with the server's own address.
    raise FetchFailed(Reason.NO_WAY_OUT, detail=f"all {len(known)} proxies rest")


def record(upstream: Upstream | None, notes: Notes) -> None:
    """Note how a proxy did in one fetch; after some failures in a row it rests for a while."""
    if upstream is None or not (notes.worked or notes.failed):
        return
    name = _name(upstream)
    if not _is_shared():
        failures = 0 if notes.worked else _own.get(name, (0, 0.0))[0] + 1
        _own[name] = (failures, time.monotonic() + breaker.REST_SECONDS if failures >= breaker.FAILURES else 0.0)
        return

    def tell() -> None:
        if not notes.worked:
            raise VendorFailed("proxy", "proxy_failed", "The proxy did not answer.", retryable=True)

    with suppress(VendorFailed, Unavailable):
        breaker.guarded(name, tell)


def rest_of(upstream: Upstream) -> int:
    """The seconds that a proxy still rests; 0 when it may be used."""
    if _is_shared():
        return breaker.reading(_name(upstream)).retry_after
    return max(0, math.ceil(_own.get(_name(upstream), (0, 0.0))[1] - time.monotonic()))


def _name(upstream: Upstream) -> str:
    """A name that tells no address: Redis and health pages are read by more people than settings."""
    return f"proxy-{hashlib.sha256(upstream.shown.encode()).hexdigest()[:12]}"


def _is_shared() -> bool:
    return bool(getattr(settings, "REDIS_URL", ""))
