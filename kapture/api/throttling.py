"""The rate limit of the API: a sliding window per caller, kept in Redis."""

import logging
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import limits
from django.conf import settings
from django.core.cache import cache
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from rest_framework.exceptions import Throttled
from rest_framework.throttling import BaseThrottle

logger = logging.getLogger(__name__)
# How many requests a minute a user may make, None for the general rate; the room that knows enters itself here.
rate_of: list[Callable[[Any], int | None]] = []
# Seconds after which a changed allowance holds at the latest.
KNOWN_FOR = 60
GENERAL = -1


@lru_cache(maxsize=4)
def _limiter(url: str, prefix: str) -> SlidingWindowCounterRateLimiter:
    storage = RedisStorage(
        url,
        wrap_exceptions=True,
        key_prefix=f"{prefix}:rate",
        socket_timeout=settings.REDIS_TIMEOUT,
        socket_connect_timeout=settings.REDIS_TIMEOUT,
    )
    return SlidingWindowCounterRateLimiter(storage)


class Limited(Throttled):
    """429 with the standing of the caller; `reset` is in seconds."""

    def __init__(self, limit: int, remaining: int, reset: int) -> None:
        super().__init__(detail="Too many requests.")
        self.reset = reset
        self.limit_headers = {
            "Retry-After": str(reset),
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": str(reset),
        }


class CallerThrottle(BaseThrottle):
    """Bounds requests per user, whatever keys they use, or (unknown callers) address.

    A user has what `rate_of` says, everybody else `API_RATE`; a view with a `rate` counts by itself. This protects the
    machine, not the money: when Redis is away requests pass, and the quota ledger still holds.
    """

    def allow_request(self, request: Any, view: Any) -> bool:
        """True, or raises 429 with `Retry-After` and the RateLimit headers."""
        own = getattr(view, "rate", None)
        rate = limits.parse(own) if own else _rate(request.user)
        caller = str(request.user.pk) if request.user.is_authenticated else self.get_ident(request)
        limiter = _limiter(settings.REDIS_URL, settings.REDIS_PREFIX)
        name = type(view).__name__ if own else "api"
        try:
            if limiter.hit(rate, name, caller):
                return True
            window = limiter.get_window_stats(rate, name, caller)
        except StorageError as error:
            logger.warning("the rate limit rests, Redis is away: %s", error)
            return True
        raise Limited(rate.amount, window.remaining, max(1, round(window.reset_time - time.time())))


def _rate(user: Any) -> RateLimitItem:
    """What a caller may do on all endpoints together."""
    allowed = GENERAL
    if user.is_authenticated and rate_of:
        key = f"api:rate:{user.pk}"
        known = cache.get(key)
        if known is None:
            found = [rate for ask in rate_of if (rate := ask(user)) is not None]
            known = min(found, default=GENERAL)
            cache.set(key, known, KNOWN_FOR)
        allowed = known
    return limits.parse(settings.API_RATE) if allowed == GENERAL else RateLimitItemPerMinute(allowed)
