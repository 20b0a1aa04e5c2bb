"""The rate limit of the API: a sliding window per caller, kept in Redis."""

import logging
import time
from functools import lru_cache
from typing import Any

import limits
from django.conf import settings
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from rest_framework.exceptions import Throttled
from rest_framework.throttling import BaseThrottle

logger = logging.getLogger(__name__)


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
    """Bounds requests per key, user or (unknown callers) address.

    It protects the machine, not the money: when Redis is away requests pass, and the quota ledger still holds.
    """

    def allow_request(self, request: Any, view: Any) -> bool:
        """True, or raises 429 with `Retry-After` and the RateLimit headers."""
        rate = limits.parse(getattr(view, "rate", None) or settings.API_RATE)
        caller = str(request.user.pk) if request.user.is_authenticated else self.get_ident(request)
        limiter = _limiter(settings.REDIS_URL, settings.REDIS_PREFIX)
        name = type(view).__name__ if getattr(view, "rate", None) else "api"
        try:
            if limiter.hit(rate, name, caller):
                return True
            window = limiter.get_window_stats(rate, name, caller)
        except StorageError as error:
            logger.warning("the rate limit rests, Redis is away: %s", error)
            return True
        raise Limited(rate.amount, window.remaining, max(1, round(window.reset_time - time.time())))
