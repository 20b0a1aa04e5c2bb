"""How Clerk is reached: no redirects, a cap on bodies, a cap on the whole call, few repetitions.

Everything asked of Clerk here may be asked twice: users are read or deleted, sessions are ended.
"""

import json
import random
import time
from collections.abc import Callable
from typing import Any, Final

import requests
from urllib3.exceptions import HTTPError

from kapture.core.errors import VendorFailed
from kapture.gateways.bodies import TooLarge, TooLate, whole
from kapture.gateways.identity.failures import failure

CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 10.0
MAX_BODY: Final = 1 << 20
ATTEMPTS: Final = 3
# A call that took this long is not repeated: somebody waits for it.
PATIENCE_SECONDS: Final = 5.0
LONGEST_WAIT: Final = 2
LONGEST_RETRY_AFTER: Final = 3_600
REASONS: Final = {401: "auth", 403: "auth", 429: "rate_limited"}


class _Bearer(requests.auth.AuthBase):
    """Our key; given as an object so that no `.netrc` of the machine takes its place."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._secret:
            request.headers["Authorization"] = f"Bearer {self._secret}"
        return request


def ask(method: str, url: str, *, secret: str = "", read_seconds: float = READ_SECONDS) -> dict[str, Any] | None:
    """The JSON object at an address, None where there is nothing (404); raises `VendorFailed` with a reason."""
    return _patiently(lambda: _exchange(method, url, secret, read_seconds))


def _patiently(attempt: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
    begun = time.monotonic()
    for number in range(1, ATTEMPTS):
        try:
            return attempt()
        except VendorFailed as error:
            late = time.monotonic() - begun > PATIENCE_SECONDS
            if not error.retryable or late or (error.retry_after or 0) > LONGEST_WAIT:
                raise
            time.sleep(error.retry_after or 0.1 * 2**number * random.uniform(0.5, 1.5))
    return attempt()


def _exchange(method: str, url: str, secret: str, read_seconds: float) -> dict[str, Any] | None:
    timeout = (CONNECT_SECONDS, read_seconds)
    try:
        with (
            requests.Session() as session,
            session.request(
                method, url, auth=_Bearer(secret), timeout=timeout, allow_redirects=False, stream=True
            ) as response,
        ):
            body = whole(response, most=MAX_BODY, until=time.monotonic() + read_seconds)
    except TooLarge as error:
        raise failure("bad_output") from error
    except (requests.RequestException, HTTPError, OSError, TooLate) as error:
        raise failure("unreachable") from error
    return _read(response, body)


def _read(response: requests.Response, body: bytes) -> dict[str, Any] | None:
    status = response.status_code
    if status == 404:
        return None
    if status >= 500:
        raise failure("vendor_down", retry_after=_retry_after(response))
    if status >= 400:
        raise failure(REASONS.get(status, "bad_request"), retry_after=_retry_after(response))
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise failure("bad_output") from error
    if status >= 300 or not isinstance(value, dict):
        raise failure("bad_output")
    return value


def _retry_after(response: requests.Response) -> int | None:
    value = response.headers.get("Retry-After", "").strip()
    is_number = value.isascii() and value.isdigit() and len(value) < 10
    return min(int(value), LONGEST_RETRY_AFTER) if is_number else None
