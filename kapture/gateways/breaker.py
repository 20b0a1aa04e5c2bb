"""A circuit breaker per vendor, shared by every process through Redis.

After `FAILURES` retryable failures in a row a vendor rests for `REST_SECONDS`; then one trial call decides. Redis is a
hint: while it cannot be reached the breaker counts as closed, so a lost Redis never stops work.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

import pybreaker
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from kapture.core.dryrun import dry_run, stop_before_call
from kapture.core.errors import Unavailable, VendorFailed

FAILURES = 5
REST_SECONDS = 60

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class BreakerState(StrEnum):
    """How a vendor's calls are let through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known about a vendor without calling it; `retry_after` is in seconds, 0 unless it rests."""

    service: str
    state: BreakerState
    failures: int
    retry_after: int


class _Brief(logging.Filter):
    """The library logs a traceback for every command that Redis did not answer; a line is enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


class _Storage(pybreaker.CircuitRedisStorage):
    """The library's storage, which also survives a Redis that is away when the breaker is made."""

    logger = logging.getLogger(f"{__name__}.storage")
    logger.addFilter(_Brief())

    def _initialize_redis_state(self, state: str) -> None:
        try:
            super()._initialize_redis_state(state)
        except RedisError:
            logger.warning("breaker storage cannot be reached; counting as closed")


@lru_cache(maxsize=4)
def _redis(url: str, timeout: float) -> "Redis":
    return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 0))


@lru_cache(maxsize=64)
def _circuit(service: str, url: str, prefix: str, timeout: float) -> pybreaker.CircuitBreaker:
    storage = _Storage(pybreaker.STATE_CLOSED, _redis(url, timeout), namespace=f"{prefix}:breaker:{service}")
    return pybreaker.CircuitBreaker(
        fail_max=FAILURES,
        reset_timeout=REST_SECONDS,
        exclude=[_is_answer],
        state_storage=storage,
        name=service,
        # The caller gets the vendor's own failure, also from the call that trips the breaker.
        throw_new_error_on_trip=False,
    )


def _is_answer(error: BaseException) -> bool:
    """Whether an error shows a vendor that works: a refusal that waiting does not change, or no vendor error at all."""
    return not (isinstance(error, VendorFailed) and error.retryable)


def _current(service: str) -> pybreaker.CircuitBreaker:
    return _circuit(service, settings.REDIS_URL, settings.REDIS_PREFIX, settings.REDIS_TIMEOUT)


def guarded(service: str, call: Callable[[], Answer]) -> Answer:
    """Answer of `call`; retryable `VendorFailed`s are counted. Raises `Unavailable` at once while the vendor rests.

    A rehearsed request gets no further than this: `WouldCall`.
    """
    if dry_run.get() is not None:
        if reading(service).retry_after:
            raise _resting(service)
        stop_before_call(service)
    try:
        return _current(service).call(call)
    except pybreaker.CircuitBreakerError:
        raise _resting(service) from None


def _resting(service: str) -> Unavailable:
    wait = reading(service).retry_after or REST_SECONDS
    return Unavailable(
        f"{service.capitalize()} failed several times in a row and rests for {wait} s.",
        details={"service": service},
        retry_after=wait,
    )


def reading(service: str) -> Reading:
    """State of one vendor's breaker, read in one round trip; closed while Redis cannot be reached."""
    base = f"{settings.REDIS_PREFIX}:breaker:{service}:pybreaker"
    keys = [f"{base}:state", f"{base}:fail_counter", f"{base}:opened_at"]
    try:
        state, failures, opened = _redis(settings.REDIS_URL, settings.REDIS_TIMEOUT).mget(keys)
    except RedisError:
        return Reading(service, BreakerState.CLOSED, 0, 0)
    current = BreakerState(_text(state)) if state else BreakerState.CLOSED
    wait = 0
    if current is BreakerState.OPEN and opened:
        wait = max(0, int(opened) + REST_SECONDS - int(datetime.now(UTC).timestamp()))
    return Reading(service, current, int(failures or 0), wait)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def reset(service: str) -> None:
    """Close a vendor's breaker by hand, for staff after a repair."""
    _current(service).close()
